"""The calls about links: make one to an account's own page, and revoke them all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.actor import actor_of
from service.access.entrance import Entrance
from service.access.model import Permission
from service.enforcement.accounts.routes import read_account_id
from service.kernel.clock import Clock
from service.kernel.problems import invalid
from service.kernel.query import read_query
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer, read_body, require_json
from service.notices.jobs import Pages
from service.notices.links import flow
from service.notices.links.model import LASTS, LONGEST
from service.policy.term import read_term, write_term

T = TypeVar("T")

MAX_BODY: Final = 1024


class Writing(Protocol):
    """What records (`service.kernel.group_commit.GroupCommit`)."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


class LinkWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the link lasts, as an ISO 8601 duration; left out: 30 days."""

    term: str = write_term(LASTS)


class LinkView(msgspec.Struct, frozen=True):
    """The link; `url` cannot be read again."""

    url: str
    expires_at: datetime


class Revoked(msgspec.Struct, frozen=True):
    """How many links still opened something."""

    revoked: int


class LinkRoutes:
    """The endpoints with what they need."""

    def __init__(self, *, commit: Writing, entrance: Entrance, clock: Clock, pages: Pages) -> None:
        self._commit = commit
        self._admit = entrance.admit
        self._now = clock.now
        self._pages = pages

    async def make(self, request: Request) -> Response:
        """A new link to the page of an account; the body may be left out."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.ENFORCE)
        read_query(request.scope["query_string"], ())
        account_id = read_account_id(request)
        body = await read_body(request.receive, headers, MAX_BODY)
        wish = LinkWish()
        if body:
            require_json(headers)
            wish = _decode(body)
        try:
            lasts = read_term(wish.term)
        except (ValueError, OverflowError) as error:
            raise invalid("/term", "invalid", f"/{error}") from None
        if not lasts or lasts > LONGEST:
            raise invalid("/term", "out_of_range", f"/term: at most {write_term(LONGEST)}")
        now = self._now()
        link, token = await self._commit.run(
            lambda conn: flow.make(
                conn,
                tenant_id=principal.tenant_id,
                account_id=account_id,
                actor=actor_of(principal),
                now=now,
                lasts=lasts,
            )
        )
        url = self._pages.address(token)
        return JsonAnswer(
            _encode(LinkView(url, link.expires_at)), 201, ((b"location", url.encode()),)
        )

    async def revoke(self, request: Request) -> Response:
        """Revoke every link of an account."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.ENFORCE)
        read_query(request.scope["query_string"], ())
        account_id = read_account_id(request)
        now = self._now()
        count = await self._commit.run(
            lambda conn: flow.revoke_all(
                conn, principal.tenant_id, account_id, actor=actor_of(principal), now=now
            )
        )
        return JsonAnswer(_encode(Revoked(count)))


_decode = StrictDecoder(LinkWish).decode
_encode: Final = msgspec.json.Encoder().encode
