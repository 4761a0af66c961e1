"""The page itself: opens a link, reads every section, and is the way in for their forms.

The token in the address is the only thing that opens it, so no other site can send its forms; it
is kept out of logs, of the query and of every address that leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.access.visitors import language_of, turn_away
from service.kernel.clock import Clock
from service.kernel.db import StorageError
from service.my.section import Section, Visit
from service.notices.links.flow import open_link
from service.web.render import render_page

T = TypeVar("T")


class Reading(Protocol):
    """What reads the store (`service.kernel.db.Readers`)."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


class MyPage:
    """The page with what it needs; `sections` in the order in which they stand."""

    def __init__(self, *, readers: Reading, clock: Clock, sections: Sequence[Section]) -> None:
        self._readers = readers
        self._now = clock.now
        self._sections = tuple(sections)

    def router(self) -> APIRouter:
        """The route of the page; sections with forms bring routes of their own."""
        routes = APIRouter(include_in_schema=False)
        routes.add_api_route("/my/{token}", self.get, methods=["GET"], response_model=None)
        return routes

    async def get(self, request: Request) -> Response:
        """The page as it stands; `said` in the query says what was just done."""
        visit = await self.enter(request)
        return await self.show(request, visit, said=request.query_params.get("said", ""))

    async def enter(self, request: Request) -> Visit:
        """Whoever holds the link of the path.

        Raises `TurnedAway`: one 404 for a token that is unknown, has expired or was revoked, 503
        when the store is away.
        """
        token = str(request.path_params["token"])
        now = self._now()
        try:
            link = await self._readers.run(lambda conn: open_link(conn, token, now))
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        if link is None:
            raise turn_away(request, "link", status=404)
        return Visit(link=link, token=token, language=language_of(request), now=now)

    async def show(
        self,
        request: Request,
        visit: Visit,
        *,
        said: str = "",
        flaw: str = "",
        form: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        """The page, with what was said or was wrong; `form` is what somebody had filled in."""

        def read(conn: Connection) -> list[tuple[Section, Mapping[str, object]]]:
            found = [(section, section.read(conn, visit)) for section in self._sections]
            return [(section, values) for section, values in found if values is not None]

        try:
            parts = await self._readers.run(read)
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        return render_page(
            "my/page.html",
            visit.language,
            status=status,
            visit=visit,
            parts=[(section.template, values) for section, values in parts],
            said=said if said in SAID else "",
            flaw=flaw,
            form=form or {},
        )


SAID = frozenset(
    {
        "answered",
        "appealed",
        "asked_person",
        "countered",
        "freed",
        "instructed",
        "objected",
        "replied",
        "restricted",
        "withdrawn",
        "written",
    }
)
"""What the page can say was done; keys of the translations under `my.said_`."""


def back_to(visit: Visit, said: str) -> Response:
    """To the page again after a form was taken, saying what was done."""
    query = f"lang={visit.language.short}&said={said}"
    return RedirectResponse(f"/my/{visit.token}?{query}", status_code=303)
