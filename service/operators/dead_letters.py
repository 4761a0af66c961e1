"""Dead letters: work that was given up after its last try, for people to see and send once more.

Nothing in a letter is a user's text: it names what the work was about by ids.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.entrance import Entrance
from service.access.model import Permission, Principal
from service.kernel import outbox
from service.kernel.audit import Actor
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.kernel.group_commit import GroupCommit
from service.kernel.ids import ID_LENGTH
from service.kernel.outbox import NoDeadLetter, OutboxRow, OutboxState
from service.kernel.paging import decode_cursor, encode_cursor
from service.kernel.problems import ALREADY_FINAL, NOT_FOUND, VERSION_CONFLICT, Problem
from service.kernel.query import read_limit, read_query, wrong_cursor
from service.kernel.thin import JsonAnswer

LARGEST_SEQ: Final = 2**63 - 1
_NO_LETTER: Final = "dead letter: there is none of this id for this tenant"


class DeadLetter(msgspec.Struct, frozen=True):
    """Work that was given up, or that is to be tried again (`state` is `pending` then).

    `id` is the `webhook-id` of its deliveries. `topic` says what kind of work it is, `ref` is the
    id of the resource it is about, `subject` what it is done in order for (`account:…`), `error`
    the code of its last failure.
    """

    id: str
    topic: str
    ref: str
    subject: str
    state: OutboxState
    attempts: int
    error: str | None
    created_at: datetime


class DeadLetters(msgspec.Struct, frozen=True):
    """A page of them, newest first."""

    items: tuple[DeadLetter, ...]
    next_cursor: str | None


class DeadLetterRoutes:
    """The endpoints with what they need."""

    def __init__(
        self, *, readers: Readers, commit: GroupCommit, entrance: Entrance, clock: Clock
    ) -> None:
        self._readers = readers
        self._commit = commit
        self._admit = entrance.admit
        self._now = clock.now

    async def list_page(self, request: Request) -> Response:
        """A page of dead letters, newest first."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ_DEAD_LETTERS)
        query = read_query(request.scope["query_string"], ("cursor", "limit"))
        limit = read_limit(query.get("limit"))
        before = _read_cursor(query["cursor"]) if "cursor" in query else None
        found = await self._readers.run(
            lambda conn: outbox.dead_letters(conn, principal.tenant_id, before, limit + 1)
        )
        page = found[:limit]
        cursor = encode_cursor((page[-1].seq,)) if len(found) > limit else None
        return JsonAnswer(_encode(DeadLetters(tuple(map(_show, page)), cursor)))

    async def redeliver(self, request: Request) -> Response:
        """A person has a dead letter tried again, from its first attempt."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.REDELIVER)
        read_query(request.scope["query_string"], ())
        letter_id = str(request.path_params["letter_id"])
        if len(letter_id) != ID_LENGTH or not letter_id.isascii():
            raise Problem(NOT_FOUND, _NO_LETTER)
        now = self._now()
        found = await self._commit.run(
            lambda conn: redeliver(conn, principal, letter_id=letter_id, now=now)
        )
        return JsonAnswer(_encode(_show(found)))


def redeliver(
    conn: Connection, principal: Principal, *, letter_id: str, now: datetime
) -> OutboxRow:
    """Have a letter tried again; the row as it stands now. Raises `Problem`: 404, 409."""
    row = outbox.get(conn, principal.tenant_id, letter_id)
    if row is None:
        raise Problem(NOT_FOUND, _NO_LETTER)
    try:
        actor = Actor("person", principal.person_id)
        outbox.redeliver(conn, principal.tenant_id, letter_id, now, actor)
    except NoDeadLetter:
        raise _refuse(row) from None
    return outbox.get(conn, principal.tenant_id, letter_id) or row


def _refuse(row: OutboxRow) -> Problem:
    if row.state is OutboxState.PENDING:
        return Problem(VERSION_CONFLICT, "dead letter: it is being tried again already")
    return Problem(ALREADY_FINAL, f"dead letter: it is none any more, but {row.state}")


def _show(row: OutboxRow) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        topic=row.topic,
        ref=row.ref,
        subject=row.subject,
        state=row.state,
        attempts=row.attempts,
        error=row.last_error,
        created_at=row.created_at,
    )


def _read_cursor(text: str) -> int:
    try:
        (seq,) = decode_cursor(text, tuple[int])
    except ValueError:
        raise wrong_cursor() from None
    if not 0 <= seq <= LARGEST_SEQ:
        raise wrong_cursor()
    return seq


_encode = msgspec.json.Encoder().encode
