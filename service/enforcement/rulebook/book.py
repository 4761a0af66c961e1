"""The rules that speak for a tenant: its own live versions, and what is shipped beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from service.enforcement.events.rule import EventRule, IdleRule, Rules, read_rule
from service.enforcement.rulebook import store
from service.policy.clause import Clause

MOST_KEPT: Final = 256
"""Tenants whose compiled rules are kept at hand."""


class Rulebook:
    """Gives each tenant its rules; a live version takes the place of the shipped rule of its name.

    It asks the store each time, so that every process goes by a version from its publication on;
    what the sources compile to is kept.
    """

    def __init__(self, shipped: Rules, clauses: Mapping[str, Clause]) -> None:
        self.shipped = shipped
        self.clauses = clauses
        self._compiled: dict[tuple[tuple[str, str], ...], Rules] = {}

    def of(self, conn: Connection, tenant_id: str) -> Rules:
        """The rules of a tenant just now."""
        own = tuple(store.sources(conn, tenant_id))
        if not own:
            return self.shipped
        found = self._compiled.get(own)
        if found is None:
            if len(self._compiled) >= MOST_KEPT:
                self._compiled.clear()
            found = self._compiled[own] = self._compile(own)
        return found

    def _compile(self, own: tuple[tuple[str, str], ...]) -> Rules:
        digest = hashlib.sha256(self.shipped.version.encode())
        rules = self.shipped.by_id
        for rule_id, source in own:
            data = source.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
            rules[rule_id] = read_rule(data, self.clauses)
        return Rules(
            tuple(rule for rule in rules.values() if isinstance(rule, EventRule)),
            tuple(rule for rule in rules.values() if isinstance(rule, IdleRule)),
            digest.hexdigest()[:12],
        )
