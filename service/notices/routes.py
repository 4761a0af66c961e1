"""The calls about notices: read one, and take the receipt of a channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, Literal, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.actor import actor_of
from service.access.entrance import Entrance
from service.access.model import Permission
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.kernel.ids import ID_LENGTH
from service.kernel.machine import IllegalMove
from service.kernel.problems import ALREADY_FINAL, NOT_FOUND, VERSION_CONFLICT, Problem, invalid
from service.kernel.query import read_query
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer, read_body, require_json
from service.notices import flow, store
from service.notices.flow import Counting
from service.notices.model import Delivery, DeliveryEvent, NoNotice, Notice, WrongReceipt
from service.notices.view import encode, show

T = TypeVar("T")

MAX_BODY: Final = 4 * 1024
_NO_NOTICE: Final = "notice: there is none of this id for this tenant"
_BY_CODE: Final = {kind.code: kind for kind in (ALREADY_FINAL, VERSION_CONFLICT)}


class Writing(Protocol):
    """What records (`service.kernel.group_commit.GroupCommit`)."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


class NoticeReceipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a notice in a channel; `at` is when (left out: now).

    `sent` is successful sending, or the posting of a letter; `delivered` is that it arrived.
    """

    channel: str
    outcome: Literal["sent", "delivered", "failed"]
    at: datetime | None = None


class NoticeRoutes:
    """The endpoints with what they need."""

    def __init__(
        self,
        *,
        readers: Readers,
        commit: Writing,
        entrance: Entrance,
        clock: Clock,
        counting: Counting,
    ) -> None:
        self._readers = readers
        self._commit = commit
        self._admit = entrance.admit
        self._now = clock.now
        self._counting = counting

    async def get(self, request: Request) -> Response:
        """One notice; to people without the text of whom it is for."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        read_query(request.scope["query_string"], ())
        notice_id = _read_id(request)
        found = await self._readers.run(lambda conn: _find(conn, principal.tenant_id, notice_id))
        return JsonAnswer(encode(show(*found, redacted=principal.person_id is not None)))

    async def take_receipt(self, request: Request) -> Response:
        """The host says what became of a notice in a channel."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.ENFORCE)
        read_query(request.scope["query_string"], ())
        notice_id = _read_id(request)
        require_json(headers)
        receipt = _decode(await read_body(request.receive, headers, MAX_BODY))
        if receipt.at is not None and receipt.at.tzinfo is None:
            raise invalid("/at", "no_zone", "/at: give a time with its zone, such as …Z")
        now = self._now()

        def work(conn: Connection) -> tuple[Notice, list[Delivery]]:
            flow.hear(
                conn,
                principal.tenant_id,
                notice_id,
                receipt.channel,
                _EVENTS[receipt.outcome],
                at=receipt.at or now,
                now=now,
                counting=self._counting,
                actor=actor_of(principal),
                error="host_failed" if receipt.outcome == "failed" else None,
            )
            return _find(conn, principal.tenant_id, notice_id)

        with _refusals():
            found = await self._commit.run(work)
        return JsonAnswer(encode(show(*found)))


_EVENTS: Final = {
    "sent": DeliveryEvent.SEND,
    "delivered": DeliveryEvent.DELIVER,
    "failed": DeliveryEvent.FAIL,
}


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NoNotice as error:
        raise Problem(NOT_FOUND, str(error)) from None
    except WrongReceipt as error:
        raise invalid(f"/{error.field}", "invalid", f"/{error}") from None
    except IllegalMove as error:
        raise Problem(_BY_CODE[error.code], str(error)) from None


def _find(conn: Connection, tenant_id: str, notice_id: str) -> tuple[Notice, list[Delivery]]:
    notice = store.get(conn, tenant_id, notice_id)
    if notice is None:
        raise Problem(NOT_FOUND, _NO_NOTICE)
    return notice, store.deliveries_of(conn, tenant_id, notice_id)


def _read_id(request: Request) -> str:
    notice_id = str(request.path_params["notice_id"])
    if len(notice_id) != ID_LENGTH or not notice_id.isascii():
        raise Problem(NOT_FOUND, _NO_NOTICE)
    return notice_id


_decode = StrictDecoder(NoticeReceipt).decode
