"""The rules about events that every role goes by."""

from __future__ import annotations

from service.enforcement.events import rule
from service.enforcement.rulebook.book import Rulebook
from service.policy import catalogue


def build_rulebook() -> Rulebook:
    """The shipped rules, with each tenant's own in their place.

    Raises `RegistryError` for a shipped rule that cannot be used.
    """
    clauses = catalogue.load().clauses
    return Rulebook(rule.load(clauses), clauses)
