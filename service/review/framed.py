"""What every page of review does: let the person in, read the store, show rows in the frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.model import Permission, Principal
from service.access.visitors import language_of, turn_away
from service.kernel.db import StorageError
from service.policy.catalogue import Catalogue
from service.review.desk import Desk
from service.review.model import Case
from service.review.shown import CaseRow, show_row
from service.web.render import render_page
from service.web.visitor import Visitor

T = TypeVar("T")

ID: Final = re.compile(r"[0-9a-f-]{36}\Z")
"""How every id of ours looks."""


class Visiting(Protocol):
    """What knows who looks at a page (`service.access.visitors.Visitors`)."""

    async def require_person(self, request: Request, wanted: Permission) -> Principal: ...

    async def read_form(self, request: Request) -> dict[str, str]: ...

    def frame(self, request: Request, principal: Principal) -> Visitor: ...


class Framed:
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

    def rows(
        self, request: Request, principal: Principal, cases: list[Case], now: datetime
    ) -> list[CaseRow]:
        """Cases as rows for whoever looks."""
        language = language_of(request)
        return [show_row(case, principal, self.desk.clauses, language, now) for case in cases]

    def render(
        self, request: Request, principal: Principal, template: str, **values: Any
    ) -> Response:
        """A page in its frame."""
        visitor = self.visitors.frame(request, principal)
        return render_page(template, language_of(request), visitor=visitor, **values)
