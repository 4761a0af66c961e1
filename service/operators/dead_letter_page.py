"""The page of dead letters: what was given up, and for whoever may, a button to send it again."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.access.model import Permission
from service.access.visitors import Visitors, language_of, turn_away
from service.kernel import outbox
from service.kernel.clock import Clock
from service.kernel.db import Readers, StorageError
from service.kernel.group_commit import GroupCommit
from service.kernel.problems import NOT_FOUND, Problem
from service.operators.dead_letters import redeliver
from service.web.render import render_page

PATH: Final = "/deliveries"
MOST: Final = 100
"""Letters on the page, the newest; the API has them all."""

STATES: Final = ("sent", "gone")
"""What the page may say on top, as a key of the translations."""


class DeadLetterPage:
    """The page and its form."""

    def __init__(
        self, *, visitors: Visitors, readers: Readers, commit: GroupCommit, clock: Clock
    ) -> None:
        self._visitors = visitors
        self._readers = readers
        self._commit = commit
        self._now = clock.now

    def router(self) -> APIRouter:
        """Its routes."""
        routes = APIRouter(include_in_schema=False)
        routes.add_api_route(PATH, self.open, methods=["GET"], response_model=None)
        routes.add_api_route(
            f"{PATH}/{{letter_id}}/redeliver", self.redeliver, methods=["POST"], response_model=None
        )
        return routes

    async def open(self, request: Request) -> Response:
        """The newest letters."""
        principal = await self._visitors.require_person(request, Permission.READ_DEAD_LETTERS)
        try:
            letters = await self._readers.run(
                lambda conn: outbox.dead_letters(conn, principal.tenant_id, None, MOST + 1)
            )
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        said = request.query_params.get("said", "")
        visitor = self._visitors.frame(request, principal)
        return render_page(
            "deliveries.html",
            language_of(request),
            visitor=visitor,
            letters=letters[:MOST],
            has_more=len(letters) > MOST,
            may_send=principal.may(Permission.REDELIVER),
            said=said if said in STATES else "",
            csrf=visitor.csrf,
        )

    async def redeliver(self, request: Request) -> Response:
        """Have a letter tried again, then show the page."""
        principal = await self._visitors.require_person(request, Permission.REDELIVER)
        await self._visitors.read_form(request)
        letter_id, now = str(request.path_params["letter_id"]), self._now()
        said = "sent"
        try:
            await self._commit.run(
                lambda conn: redeliver(conn, principal, letter_id=letter_id, now=now)
            )
        except Problem as problem:
            if problem.kind is NOT_FOUND:
                raise
            said = "gone"  # somebody was faster
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        query = urlencode({"lang": language_of(request).short, "said": said})
        return RedirectResponse(f"{PATH}?{query}", status_code=303)
