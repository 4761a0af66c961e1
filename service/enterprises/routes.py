"""The calls about enterprises: who administers them, what they instruct, within which limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.actor import actor_of
from service.access.entrance import Entrance
from service.access.model import Permission
from service.enterprises import flow, store
from service.enterprises.model import (
    MOST_ID,
    Enterprise,
    EnterpriseError,
    Limits,
    ScanPolicy,
    WrongInstruction,
    fit,
)
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.kernel.group_commit import GroupCommit
from service.kernel.problems import ALREADY_FINAL, FORBIDDEN, NOT_FOUND, Problem, invalid
from service.kernel.query import read_query
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer

MAX_BODY: Final = 32 * 1024
_BY_CODE: Final = {kind.code: kind for kind in (ALREADY_FINAL, FORBIDDEN, NOT_FOUND)}
T = TypeVar("T")


class Administrators(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The accounts that administer an enterprise: the full list."""

    administrators: tuple[str, ...]


class EnterpriseView(msgspec.Struct, frozen=True):
    """An enterprise: `instructed` is what it chose, `scan_policy` what holds within the limits."""

    id: str
    administrators: tuple[str, ...]
    instructed: ScanPolicy
    scan_policy: ScanPolicy


class EnterpriseRoutes:
    """The endpoints with what they need."""

    def __init__(
        self, *, readers: Readers, commit: GroupCommit, entrance: Entrance, clock: Clock
    ) -> None:
        self._readers = readers
        self._commit = commit
        self._admit = entrance.admit
        self._take = entrance.take
        self._now = clock.now

    async def get(self, request: Request) -> Response:
        """An enterprise; one never told of has the defaults."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        read_query(request.scope["query_string"], ())
        enterprise_id, now = read_enterprise_id(request), self._now()

        def read(conn: Connection) -> tuple[Enterprise, Limits]:
            found = flow.find(conn, principal.tenant_id, enterprise_id, now)
            return found, store.limits_of(conn, principal.tenant_id)

        return JsonAnswer(_encode(_show(*await self._readers.run(read))))

    async def put(self, request: Request) -> Response:
        """Take who administers an enterprise."""
        principal, body = await self._take(request, Permission.ENFORCE, most=MAX_BODY)
        sent, enterprise_id = _decode_administrators(body), read_enterprise_id(request)
        actor, now = actor_of(principal), self._now()

        def work(conn: Connection) -> tuple[Enterprise, Limits]:
            told = flow.tell_of(
                conn,
                enterprise_id,
                sent.administrators,
                tenant_id=principal.tenant_id,
                actor=actor,
                now=now,
            )
            return told, store.limits_of(conn, principal.tenant_id)

        return JsonAnswer(_encode(_show(*await self._write(work))))

    async def put_policy(self, request: Request) -> Response:
        """Take what an enterprise instructs."""
        principal, body = await self._take(request, Permission.ENFORCE, most=MAX_BODY)
        policy, enterprise_id = _decode_policy(body), read_enterprise_id(request)
        actor, now = actor_of(principal), self._now()

        def work(conn: Connection) -> tuple[Enterprise, Limits]:
            instructed = flow.instruct(
                conn,
                enterprise_id,
                policy,
                tenant_id=principal.tenant_id,
                actor=actor,
                now=now,
            )
            return instructed, store.limits_of(conn, principal.tenant_id)

        return JsonAnswer(_encode(_show(*await self._write(work))))

    async def get_limits(self, request: Request) -> Response:
        """What the tenant lets its enterprises choose."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        read_query(request.scope["query_string"], ())
        found = await self._readers.run(lambda conn: store.limits_of(conn, principal.tenant_id))
        return JsonAnswer(_encode(found))

    async def put_limits(self, request: Request) -> Response:
        """Set what the tenant lets its enterprises choose."""
        principal, body = await self._take(request, Permission.ADMIN, most=MAX_BODY)
        limits, actor, now = _decode_limits(body), actor_of(principal), self._now()

        def work(conn: Connection) -> Limits:
            flow.limit(conn, limits, tenant_id=principal.tenant_id, actor=actor, now=now)
            return limits

        return JsonAnswer(_encode(await self._write(work)))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        with refusals():
            return await self._commit.run(work)


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what enterprises raise into problems."""
    try:
        yield
    except WrongInstruction as error:
        raise invalid(error.pointer, error.flaw, str(error)) from None
    except EnterpriseError as error:
        raise Problem(_BY_CODE[error.code], str(error)) from None


def read_enterprise_id(request: Request) -> str:
    """The enterprise of the path; raises 422 for one that none can have."""
    found = str(request.path_params["enterprise_id"])
    if len(found) > MOST_ID or "\0" in found:
        raise invalid("/id", "invalid", f"id: at most {MOST_ID} code points, without NUL")
    return found


def _show(found: Enterprise, limits: Limits) -> EnterpriseView:
    return EnterpriseView(found.id, found.administrators, found.policy, fit(found.policy, limits))


_encode: Final = msgspec.json.Encoder(order="sorted").encode
_decode_administrators: Final = StrictDecoder(Administrators).decode
_decode_policy: Final = StrictDecoder(ScanPolicy).decode
_decode_limits: Final = StrictDecoder(Limits).decode
