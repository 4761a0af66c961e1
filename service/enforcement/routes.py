"""What an account may do, and one measure: read it, confirm it, end it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.entrance import PERSON_REQUIRED, Entrance
from service.access.model import Permission, Principal
from service.enforcement import flow, store
from service.enforcement.extending import extend
from service.enforcement.model import Measure, NeedsPerson, WrongMeasure
from service.enforcement.restrictions import Restrictions
from service.enforcement.store import VersionConflict
from service.enforcement.view import encode, show
from service.kernel import problems
from service.kernel.audit import Actor
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.kernel.group_commit import GroupCommit
from service.kernel.ids import ID_LENGTH
from service.kernel.machine import ALREADY_FINAL, IllegalMove
from service.kernel.problems import FORBIDDEN, NOT_FOUND, Problem, invalid
from service.kernel.query import read_query
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer, read_body, require_json
from service.policy.measures import ALL_FUNCTIONS
from service.policy.term import read_term

T = TypeVar("T")

MAX_ACCOUNT: Final = 256
"""Longest account id in code points."""

MAX_REASON: Final = 2_000
"""Longest reason and detail in code points."""

MAX_BODY: Final = 32 * 1024
"""Largest body in bytes."""

_ALLOWED: Final = b'{"allowed":true,"until":null,"measure_id":null}'
_NO_MEASURE: Final = "measure: there is none of this id for this tenant"


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The host's word on what it was told; `detail` is its own note and is not kept."""

    outcome: Literal["done", "failed"]
    detail: str | None = None


class Lift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a person ends a measure early."""

    reason: str


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long a measure is to last from when it began, and why longer than it would.

    `term` is an ISO 8601 duration, null for without end.
    """

    term: str | None
    reason: str


class Allowance(msgspec.Struct, frozen=True):
    """Whether an account may use a function.

    When it may not, `measure_id` is the measure that ends last, and `until` its end, null for
    none.
    """

    allowed: bool
    until: str | None
    measure_id: str | None


TellChange = Callable[[Connection, Measure, Actor, datetime], object]
"""Tells an account, in the transaction, that a person lifted or extended a measure against it."""


class EnforcementRoutes:
    """The endpoints with what they need."""

    def __init__(
        self,
        *,
        restrictions: Restrictions,
        readers: Readers,
        commit: GroupCommit,
        entrance: Entrance,
        clock: Clock,
        tell: TellChange,
    ) -> None:
        self._tell = tell
        self._restrictions = restrictions
        self._readers = readers
        self._commit = commit
        self._admit = entrance.admit
        self._now = clock.now

    async def check(self, request: Request) -> Response:
        """Whether an account may use a function just now; touches no store."""
        scope = request.scope
        principal = await self._admit(dict(scope["headers"]), Permission.READ)
        if scope["query_string"]:
            read_query(scope["query_string"], ())
        asked = request.path_params
        account_id, function = asked["account_id"], asked["function"]
        if function not in ALL_FUNCTIONS:
            raise invalid(
                "/function", "unknown_value", f"function: one of {', '.join(sorted(ALL_FUNCTIONS))}"
            )
        if len(account_id) > MAX_ACCOUNT:
            raise invalid(
                "/account_id", "too_long", f"account_id: use at most {MAX_ACCOUNT} code points"
            )
        restrictions = self._restrictions
        if not restrictions.loaded:
            await restrictions.ready()
        found = restrictions.check(principal.tenant_id, account_id, function, self._now())
        if found is None:
            return JsonAnswer(_ALLOWED)
        body = {"allowed": False, "until": found.until, "measure_id": found.measure_id}
        return JsonAnswer(encode(body))

    async def get(self, request: Request) -> Response:
        """One measure."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        read_query(request.scope["query_string"], ())
        measure_id = _read_id(request)
        found = await self._readers.run(
            lambda conn: store.get(conn, principal.tenant_id, measure_id)
        )
        return JsonAnswer(encode(show(_there(found))))

    async def take_receipt(self, request: Request) -> Response:
        """The host confirms what it was told, or says that it cannot be done."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.ENFORCE)
        read_query(request.scope["query_string"], ())
        measure_id = _read_id(request)
        require_json(headers)
        receipt = _decode_receipt(await read_body(request.receive, headers, MAX_BODY))
        _check_text("/detail", receipt.detail)
        now = self._now()
        return await self._answer(
            lambda conn: flow.confirm(
                conn,
                principal.tenant_id,
                measure_id,
                outcome=receipt.outcome,
                now=now,
                actor=_actor(principal),
            )
        )

    async def lift(self, request: Request) -> Response:
        """A person ends a measure early."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.LIFT_MEASURES)
        read_query(request.scope["query_string"], ())
        measure_id = _read_id(request)
        require_json(headers)
        body = _decode_lift(await read_body(request.receive, headers, MAX_BODY))
        _check_reason(body.reason)
        actor, now = _actor(principal), self._now()

        def work(conn: Connection) -> Measure | None:
            measure = store.get(conn, principal.tenant_id, measure_id, lock=True)
            if measure is None:
                return None
            refuse_own(measure, principal)
            lifted = flow.lift(conn, measure, actor=actor, reason=body.reason, now=now)
            self._tell(conn, lifted, actor, now)
            return lifted

        return await self._answer(work)

    async def extend(self, request: Request) -> Response:
        """A person has a measure last longer."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.LIFT_MEASURES)
        read_query(request.scope["query_string"], ())
        measure_id = _read_id(request)
        require_json(headers)
        body = _decode_extension(await read_body(request.receive, headers, MAX_BODY))
        _check_reason(body.reason)
        term = _read_term(body.term)
        actor, now = _actor(principal), self._now()

        def work(conn: Connection) -> Measure | None:
            measure = store.get(conn, principal.tenant_id, measure_id, lock=True)
            if measure is None:
                return None
            refuse_own(measure, principal)
            extended = extend(
                conn, measure, term=term, actor=actor, reason=body.reason.strip(), now=now
            )
            self._tell(conn, extended, actor, now)
            return extended

        return await self._answer(work)

    async def order_again(self, request: Request) -> Response:
        """A person orders once more what has failed."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.LIFT_MEASURES)
        read_query(request.scope["query_string"], ())
        measure_id = _read_id(request)
        now = self._now()

        def work(conn: Connection) -> Measure | None:
            measure = store.get(conn, principal.tenant_id, measure_id, lock=True)
            if measure is None:
                return None
            refuse_own(measure, principal)
            return flow.order_again(conn, measure, actor=_actor(principal), now=now)

        return await self._answer(work)

    async def _answer(self, work: Callable[[Connection], Measure | None]) -> Response:
        """The measure after `work`, once it is durable and seen by this process."""
        try:
            found = _there(await self._commit.run(work))
        except (IllegalMove, NeedsPerson, VersionConflict) as error:
            raise as_problem(error) from None
        except WrongMeasure as error:
            raise invalid("/term", "invalid", str(error)) from None
        await self._restrictions.settle()
        return JsonAnswer(encode(show(found)))


def refuse_own(measure: Measure, principal: Principal) -> None:
    """Raises 403 when the measure is on the person's own account: nobody judges themselves."""
    if measure.account_id is not None and measure.account_id == principal.account_id:
        raise Problem(FORBIDDEN, "measure: it is on your own account; leave it to somebody else")


def as_problem(error: IllegalMove | NeedsPerson | VersionConflict) -> Problem:
    """The answer to what a measure refuses."""
    if isinstance(error, NeedsPerson):
        return Problem(PERSON_REQUIRED, str(error))
    if isinstance(error, IllegalMove) and error.code == ALREADY_FINAL:
        return Problem(problems.ALREADY_FINAL, str(error))
    return Problem(problems.VERSION_CONFLICT, str(error))


def _actor(principal: Principal) -> Actor:
    if principal.person_id is not None:
        return Actor("person", principal.person_id)
    return Actor("key", principal.key_id)


def _read_id(request: Request) -> str:
    measure_id = str(request.path_params["measure_id"])
    if len(measure_id) != ID_LENGTH or not measure_id.isascii():
        raise Problem(NOT_FOUND, _NO_MEASURE)
    return measure_id


def _there(found: Measure | None) -> Measure:
    if found is None:
        raise Problem(NOT_FOUND, _NO_MEASURE)
    return found


def _check_reason(reason: str) -> None:
    _check_text("/reason", reason)
    if not reason.strip():
        raise invalid("/reason", "empty", "/reason: empty; say why")


def _read_term(term: str | None) -> timedelta | None:
    try:
        return None if term is None else read_term(term)
    except (ValueError, OverflowError) as error:
        raise invalid("/term", "invalid", f"/{error}") from None


def _check_text(pointer: str, text: str | None) -> None:
    if text is None:
        return
    if len(text) > MAX_REASON:
        raise invalid(pointer, "too_long", f"{pointer}: use at most {MAX_REASON} code points")
    if "\0" in text:
        raise invalid(pointer, "nul_character", f"{pointer}: holds a NUL character; take it out")


_decode_receipt = StrictDecoder(Receipt).decode
_decode_lift = StrictDecoder(Lift).decode
_decode_extension = StrictDecoder(Extension).decode
