"""The calls about what enterprises order: list, order, lift, object, answer."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from service.access.actor import actor_of
from service.access.entrance import Entrance
from service.access.model import Permission
from service.enforcement.view import WholeMeasure, show
from service.enterprises.desk import EnterpriseDesk, Restriction
from service.enterprises.routes import MAX_BODY, read_enterprise_id, refusals
from service.kernel.ids import ID_LENGTH
from service.kernel.problems import NOT_FOUND, Problem, invalid
from service.kernel.query import read_limit, read_query
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer
from service.policy.term import read_term

_ID: Final = re.compile(r"[0-9a-f-]{36}\Z")


class InsideOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an administrator orders against one of their people; `term` is an ISO 8601 duration,
    null for without end."""

    administrator: str
    account_id: str
    functions: tuple[str, ...]
    term: str | None
    why: str


class InsideLift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which administrator lifts it."""

    administrator: str


class SentObjection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the account says against it."""

    account_id: str
    statement: str


class ObjectionAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the enterprise says to that; `accepted` ends the measure."""

    administrator: str
    accepted: bool
    reason: str


class InsideView(msgspec.Struct, frozen=True, kw_only=True):
    """What an enterprise ordered. `accepted` is null while an objection waits for its answer."""

    measure: WholeMeasure
    enterprise_id: str
    administrator: str
    why: str
    objection: str | None
    objected_at: datetime | None
    answer: str | None
    answered_at: datetime | None
    accepted: bool | None


class InsideRoutes:
    """The endpoints with what they need."""

    def __init__(self, *, desk: EnterpriseDesk, entrance: Entrance) -> None:
        self._desk = desk
        self._admit = entrance.admit
        self._take = entrance.take

    async def list_page(self, request: Request) -> Response:
        """What an enterprise ordered, newest first."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        limit = read_limit(read_query(request.scope["query_string"], ("limit",)).get("limit"))
        enterprise_id = read_enterprise_id(request)
        found = await self._desk.ordered(principal.tenant_id, enterprise_id, limit)
        return JsonAnswer(_encode({"items": [_show(each) for each in found]}))

    async def order(self, request: Request) -> Response:
        """An administrator restricts one of their people; the host vouches for both."""
        principal, body = await self._take(request, Permission.ENFORCE, most=MAX_BODY)
        sent, enterprise_id = _decode_order(body), read_enterprise_id(request)
        with refusals():
            made = await self._desk.order(
                principal.tenant_id,
                enterprise_id,
                administrator=sent.administrator,
                account_id=sent.account_id,
                functions=sent.functions,
                term=_read_term(sent.term),
                why=sent.why,
                actor=actor_of(principal),
                is_known=True,
            )
        return JsonAnswer(_encode(_show(made)), 201)

    async def lift(self, request: Request) -> Response:
        """An administrator ends it."""
        principal, body = await self._take(request, Permission.ENFORCE, most=MAX_BODY)
        sent, enterprise_id = _decode_lift(body), read_enterprise_id(request)
        with refusals():
            lifted = await self._desk.lift(
                principal.tenant_id,
                enterprise_id,
                _read_id(request),
                administrator=sent.administrator,
                actor=actor_of(principal),
            )
        return JsonAnswer(_encode(_show(lifted)))

    async def objects(self, request: Request) -> Response:
        """The account objects, to its enterprise."""
        principal, body = await self._take(request, Permission.REPORT, most=MAX_BODY)
        sent = _decode_objection(body)
        with refusals():
            said = await self._desk.objects(
                principal.tenant_id,
                _read_id(request),
                sent.statement,
                account_id=sent.account_id,
                actor=actor_of(principal),
            )
        return JsonAnswer(_encode(_show(said)), 201)

    async def answer(self, request: Request) -> Response:
        """The enterprise answers."""
        principal, body = await self._take(request, Permission.ENFORCE, most=MAX_BODY)
        sent, enterprise_id = _decode_answer(body), read_enterprise_id(request)
        with refusals():
            said = await self._desk.answer(
                principal.tenant_id,
                enterprise_id,
                _read_id(request),
                administrator=sent.administrator,
                accepted=sent.accepted,
                reason=sent.reason,
                actor=actor_of(principal),
            )
        return JsonAnswer(_encode(_show(said)))


def _show(found: Restriction) -> InsideView:
    ordered = found.ordered
    names = set(InsideView.__struct_fields__) - {"measure"}
    return InsideView(
        measure=show(found.measure), **{name: getattr(ordered, name) for name in names}
    )


def _read_id(request: Request) -> str:
    measure_id = str(request.path_params["measure_id"])
    if len(measure_id) != ID_LENGTH or not _ID.match(measure_id):
        raise Problem(NOT_FOUND, "measure: there is none of this id for this tenant")
    return measure_id


def _read_term(term: str | None) -> timedelta | None:
    try:
        return None if term is None else read_term(term)
    except (ValueError, OverflowError) as error:
        raise invalid("/term", "invalid", f"/{error}") from None


_encode: Final = msgspec.json.Encoder().encode
_decode_order: Final = StrictDecoder(InsideOrder).decode
_decode_lift: Final = StrictDecoder(InsideLift).decode
_decode_objection: Final = StrictDecoder(SentObjection).decode
_decode_answer: Final = StrictDecoder(ObjectionAnswer).decode
