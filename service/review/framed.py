"""What every page of review does: let the person in, read the store, show rows in the frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Generic, Protocol, TypeVar

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.model import Permission, Principal
from service.access.visitors import language_of, turn_away
from service.kernel.db import StorageError
from service.policy.catalogue import Catalogue
from service.web.multipart import SentFile
from service.web.render import render_page
from service.web.visitor import Visitor

T = TypeVar("T")

ID: Final = re.compile(r"[0-9a-f-]{36}\Z")
"""How every id of ours looks."""


class Visiting(Protocol):
    """What knows who looks at a page (`service.access.visitors.Visitors`)."""

    async def require_person(self, request: Request, wanted: Permission) -> Principal: ...

    async def read_form(self, request: Request) -> dict[str, str]: ...

    async def read_files_form(
        self, request: Request, *, most_bytes: int, most_files: int
    ) -> tuple[dict[str, str], list[SentFile]]: ...

    def frame(self, request: Request, principal: Principal) -> Visitor: ...


class Reading(Protocol):
    """What pages read the store by."""

    async def read(self, work: Callable[[Connection], T]) -> T: ...


Desk = TypeVar("Desk", bound=Reading)


class Framed(Generic[Desk]):
    """Pages in the frame of whoever looks."""

    def __init__(self, desk: Desk, visitors: Visiting, catalogue: Catalogue) -> None:
        self.desk = desk
        self.visitors = visitors
        self.catalogue = catalogue

    async def enter(self, request: Request, wanted: Permission) -> Principal:
        """Who looks; leads to sign in, or away."""
        return await self.visitors.require_person(request, wanted)

    async def read(self, request: Request, work: Callable[[Connection], T]) -> T:
        """What a query gives; a page that says so while the store is away."""
        try:
            return await self.desk.read(work)
        except StorageError:
            raise turn_away(request, "storage", status=503) from None

    def render(
        self, request: Request, principal: Principal, template: str, **values: Any
    ) -> Response:
        """A page in its frame."""
        visitor = self.visitors.frame(request, principal)
        return render_page(template, language_of(request), visitor=visitor, **values)
