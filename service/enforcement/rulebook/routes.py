"""The calls about rules: read, saved as drafts, published by a second person, retired."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, TypeVar

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.entrance import Entrance
from service.access.model import Permission, Principal
from service.enforcement.rulebook import flow, store
from service.enforcement.rulebook.book import Rulebook
from service.enforcement.rulebook.model import (
    LONGEST_SOURCE,
    NoRule,
    OwnDraft,
    RuleChanged,
    RuleState,
    RuleVersion,
    TooManyRules,
    WrongRule,
)
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.kernel.group_commit import GroupCommit
from service.kernel.machine import IllegalMove
from service.kernel.problems import (
    FORBIDDEN,
    INVALID_REQUEST,
    NOT_FOUND,
    VERSION_CONFLICT,
    Flaw,
    Problem,
    invalid,
)
from service.kernel.query import read_query
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer, read_body, require_json

T = TypeVar("T")

MAX_BODY: Final = 64 * 1024
MOST_SHOWN: Final = 20
"""Problems of a source that an answer lists."""

_RULE = re.compile(r"[a-z][a-z0-9_]{0,63}\Z", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}\Z", re.ASCII)
_NO_RULE: Final = Problem(NOT_FOUND, str(NoRule()))


class RuleDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as TOML, in the form of the shipped ones; its `id` names the rule."""

    source: str


class ShownVersion(msgspec.Struct, frozen=True):
    """A version of a rule; `author_id` and `publisher_id` are people."""

    rule_id: str
    number: int
    state: RuleState
    source: str
    author_id: str
    created_at: datetime
    publisher_id: str | None
    published_at: datetime | None
    retired_at: datetime | None


class RuleSummary(msgspec.Struct, frozen=True):
    """A rule in a list: `live` is the number of the tenant's own version in force, null for none;
    `shipped`: a rule of this name comes with the service and speaks where none is live."""

    id: str
    live: int | None
    shipped: bool


class RuleHistory(RuleSummary, frozen=True):
    """A rule with its versions, newest first."""

    versions: tuple[ShownVersion, ...]


class RuleRoutes:
    """The endpoints with what they need."""

    def __init__(
        self,
        *,
        book: Rulebook,
        readers: Readers,
        commit: GroupCommit,
        entrance: Entrance,
        clock: Clock,
    ) -> None:
        self._book = book
        self._shipped = book.shipped.by_id.keys()
        self._readers = readers
        self._commit = commit
        self._admit = entrance.admit
        self._now = clock.now

    async def list_all(self, request: Request) -> Response:
        """Every rule, shipped or the tenant's own, by name."""
        principal = await self._enter(request, Permission.READ_RULES)

        def read(conn: Connection) -> list[RuleSummary]:
            tenant_id = principal.tenant_id
            live = {found.rule_id: found.number for found in store.live(conn, tenant_id)}
            names = self._shipped | set(store.names(conn, tenant_id))
            return [RuleSummary(n, live.get(n), n in self._shipped) for n in sorted(names)]

        items = await self._readers.run(read)
        return JsonAnswer(_encode({"items": items, "next_cursor": None}))

    async def get(self, request: Request) -> Response:
        """One rule with its versions."""
        principal = await self._enter(request, Permission.READ_RULES)
        rule_id = _rule_of(request)
        found = await self._readers.run(
            lambda conn: store.history(conn, principal.tenant_id, rule_id)
        )
        if not found and rule_id not in self._shipped:
            raise _NO_RULE
        live = next((version.number for version in found if version.state is RuleState.LIVE), None)
        versions = tuple(map(_show, found))
        return JsonAnswer(_encode(RuleHistory(rule_id, live, rule_id in self._shipped, versions)))

    async def save(self, request: Request) -> Response:
        """Save a draft."""
        principal = await self._enter(request, Permission.EDIT_POLICY)
        headers = dict(request.scope["headers"])
        require_json(headers)
        source = _decode(await read_body(request.receive, headers, MAX_BODY)).source
        if len(source) > LONGEST_SOURCE:
            raise invalid("/source", "too_long", f"/source: at most {LONGEST_SOURCE} code points")
        if "\0" in source:
            raise invalid("/source", "nul_character", "/source: holds a NUL character")
        now = self._now()
        saved = await self._write(
            lambda conn: flow.save(
                conn,
                source,
                tenant_id=principal.tenant_id,
                author_id=_person(principal),
                clauses=self._book.clauses,
                now=now,
            )
        )
        location = f"/v1/rules/{saved.rule_id}".encode()
        return JsonAnswer(_encode(_show(saved)), 201, ((b"location", location),))

    async def publish(self, request: Request) -> Response:
        """Put a version in force."""
        principal = await self._enter(request, Permission.PUBLISH_POLICY)
        rule_id, number = _rule_of(request), str(request.path_params["number"])
        if not _NUMBER.match(number):
            raise _NO_RULE
        now = self._now()
        return await self._answer(
            lambda conn: flow.publish(
                conn,
                tenant_id=principal.tenant_id,
                rule_id=rule_id,
                number=int(number),
                person_id=_person(principal),
                clauses=self._book.clauses,
                now=now,
            )
        )

    async def retire(self, request: Request) -> Response:
        """Take the live version out of force."""
        principal = await self._enter(request, Permission.PUBLISH_POLICY)
        rule_id, now = _rule_of(request), self._now()
        return await self._answer(
            lambda conn: flow.retire(
                conn,
                tenant_id=principal.tenant_id,
                rule_id=rule_id,
                person_id=_person(principal),
                now=now,
            )
        )

    async def _enter(self, request: Request, wanted: Permission) -> Principal:
        principal = await self._admit(dict(request.scope["headers"]), wanted)
        read_query(request.scope["query_string"], ())
        return principal

    async def _write(self, work: Callable[[Connection], T]) -> T:
        with _refusals():
            return await self._commit.run(work)

    async def _answer(self, work: Callable[[Connection], RuleVersion]) -> Response:
        return JsonAnswer(_encode(_show(await self._write(work))))


@contextmanager
def _refusals() -> Iterator[None]:
    """Turns what the rulebook raises into problems."""
    try:
        yield
    except NoRule as error:
        raise Problem(NOT_FOUND, str(error)) from None
    except OwnDraft as error:
        raise Problem(FORBIDDEN, str(error)) from None
    except (RuleChanged, IllegalMove) as error:
        raise Problem(VERSION_CONFLICT, str(error)) from None
    except TooManyRules as error:
        raise invalid("/rule_id", "too_many", str(error)) from None
    except WrongRule as error:
        shown = error.problems[:MOST_SHOWN]
        flaws = tuple(Flaw("/source", "invalid") for _ in shown)
        raise Problem(INVALID_REQUEST, "; ".join(shown), errors=flaws) from None


def _person(principal: Principal) -> str:
    assert principal.person_id is not None  # no key holds these permissions
    return principal.person_id


def _rule_of(request: Request) -> str:
    rule_id = str(request.path_params["rule_id"])
    if not _RULE.match(rule_id):
        raise _NO_RULE
    return rule_id


def _show(version: RuleVersion) -> ShownVersion:
    return ShownVersion(*(getattr(version, name) for name in ShownVersion.__struct_fields__))


_decode = StrictDecoder(RuleDraft).decode
_encode = msgspec.json.Encoder().encode
