"""The calls about referrals: prepare, list, read, approve, refuse, withdraw, close, export."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from service.access.entrance import Entrance
from service.access.model import Permission, Principal
from service.kernel.ids import ID_LENGTH
from service.kernel.paging import decode_cursor, encode_cursor
from service.kernel.problems import NOT_FOUND, Problem, invalid
from service.kernel.query import read_limit, read_query, wrong_cursor
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer
from service.referrals import store
from service.referrals.answers import hand_out, refusals
from service.referrals.desk import ReferralDesk
from service.referrals.model import (
    WANTED,
    Draft,
    Referral,
    ReferralEvent,
    ReferralState,
    events_for,
    may_export,
)
from service.referrals.view import ReferralView, encode, show_referral

MAX_BODY: Final = 64 * 1024
MOST_VERSION: Final = 2**31 - 1
_ID: Final = re.compile(r"[0-9a-f-]{36}\Z")
_NONE: Final = "there is none of this id for this tenant"
_FILTERS: Final = ("cursor", "limit", "state")


class SentReferral(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be handed to whom: `legal_basis` is the provision, `document_number` that of the
    authority's request or of our own letter, `statement` why."""

    authority: str
    legal_basis: str
    document_number: str
    statement: str


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`version` is the one that the caller saw."""

    version: int


class ReasonedStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refusal, a withdrawal or a closing, and why."""

    version: int
    reason: str


class ReferralRoutes:
    """The endpoints with what they need."""

    def __init__(self, *, desk: ReferralDesk, entrance: Entrance) -> None:
        self._desk = desk
        self._admit = entrance.admit
        self._take = entrance.take

    async def prepare(self, request: Request) -> Response:
        """Prepare the referral of a case."""
        principal, body = await self._take(request, Permission.PREPARE_REFERRALS, most=MAX_BODY)
        sent = _decode_referral(body)
        draft = Draft(**msgspec.structs.asdict(sent))
        with refusals():
            made = await self._desk.prepare(principal, _read_id(request, "case_id"), draft)
        location = (b"location", f"/v1/referrals/{made.id}".encode())
        return JsonAnswer(encode(_show(made, principal)), 201, (location,))

    async def list_page(self, request: Request) -> Response:
        """A page of referrals, newest first."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ_REFERRALS)
        filters, limit = _read_filters(request.scope["query_string"])
        found = await self._desk.read(
            lambda conn: store.page(conn, principal.tenant_id, limit=limit + 1, **filters)
        )
        page = found[:limit]
        cursor = encode_cursor((page[-1].id,)) if len(found) > limit else None
        items = [_show(referral, principal) for referral in page]
        return JsonAnswer(encode({"items": items, "next_cursor": cursor}))

    async def get(self, request: Request) -> Response:
        """One referral."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ_REFERRALS)
        read_query(request.scope["query_string"], ())
        with refusals():
            found = await self._desk.find(principal, _read_id(request, "referral_id"))
        return JsonAnswer(encode(_show(found, principal)))

    async def approve(self, request: Request) -> Response:
        """A second person stands behind it."""
        return await self._step(request, ReferralEvent.APPROVE)

    async def refuse(self, request: Request) -> Response:
        """A second person does not."""
        return await self._step(request, ReferralEvent.REFUSE)

    async def withdraw(self, request: Request) -> Response:
        """Take it back before anybody approved it."""
        return await self._step(request, ReferralEvent.WITHDRAW)

    async def close(self, request: Request) -> Response:
        """The authority is done with it: end the legal hold."""
        return await self._step(request, ReferralEvent.CLOSE)

    async def export(self, request: Request) -> Response:
        """The package of an approved referral; nothing is sent anywhere."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.EXPORT_REFERRALS)
        read_query(request.scope["query_string"], ())
        with refusals():
            return hand_out(await self._desk.export(principal, _read_id(request, "referral_id")))

    async def _step(self, request: Request, event: ReferralEvent) -> Response:
        principal, body = await self._take(request, WANTED[event], most=MAX_BODY)
        if event is ReferralEvent.APPROVE:
            version, reason = _decode_approval(body).version, ""
        else:
            sent = _decode_reasoned(body)
            version, reason = sent.version, sent.reason
        if not 1 <= version <= MOST_VERSION:
            raise invalid("/version", "out_of_range", "/version: a number from 1 on")
        with refusals():
            moved = await self._desk.step(
                event, principal, _read_id(request, "referral_id"), version=version, reason=reason
            )
        return JsonAnswer(encode(_show(moved, principal)))


def _show(referral: Referral, principal: Principal) -> ReferralView:
    exportable = may_export(referral, principal)
    return show_referral(referral, events_for(referral, principal), exportable=exportable)


def _read_id(request: Request, name: str) -> str:
    found = str(request.path_params[name])
    if len(found) != ID_LENGTH or not _ID.match(found):
        raise Problem(NOT_FOUND, f"{name.partition('_')[0]}: {_NONE}")
    return found


def _read_filters(raw: bytes) -> tuple[dict[str, Any], int]:
    """The filters of a list, checked, and its limit; raises 422."""
    query = read_query(raw, _FILTERS)
    limit = read_limit(query.pop("limit", None))
    filters: dict[str, Any] = {}
    if "state" in query:
        if query["state"] not in set(ReferralState):
            raise invalid("/state", "unknown_value", f"state: one of {', '.join(ReferralState)}")
        filters["state"] = ReferralState(query["state"])
    if "cursor" in query:
        try:
            (before,) = decode_cursor(query["cursor"], tuple[str])
        except ValueError:
            raise wrong_cursor() from None
        if not _ID.match(before):
            raise wrong_cursor()
        filters["before"] = before
    return filters, limit


_decode_referral: Final = StrictDecoder(SentReferral).decode
_decode_approval: Final = StrictDecoder(Approval).decode
_decode_reasoned: Final = StrictDecoder(ReasonedStep).decode
