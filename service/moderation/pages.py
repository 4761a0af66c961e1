"""The page `/try`: type a message and see how it is judged. Stores nothing.

One renderer serves both ways through it: a form for browsers without JavaScript, and the same
result as a fragment for our script, so that text is marked and escaped in one place only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.access.model import Principal
from service.access.permissions import Permission
from service.access.visitors import language_of, turn_away
from service.decisions.model import Cut
from service.decisions.shown_judgement import ShownJudgement, show_judgement
from service.detection.judge import Judge
from service.moderation.content import is_blank
from service.moderation.examples import load_examples
from service.moderation.model import MAX_TEXT
from service.policy.catalogue import Catalogue, load
from service.policy.model import Judgement
from service.review.told import ToldFile
from service.web.forms import FormTooLarge, FormUnreadable, is_from_here, read_form
from service.web.languages import Language
from service.web.multipart import read_files_form
from service.web.render import render_page
from service.web.static_files import StaticApp
from service.web.visitor import Visitor

MOST_BYTES = 16 * MAX_TEXT
"""Longest form: 12 bytes are one code point of four UTF-8 bytes, percent-encoded, and some room."""


MOST_FILE_BYTES = 16 * 1024 * 1024
"""Largest file that is tried."""

AT_ONCE = 2
"""Files that are tried at the same time; each takes a process and its memory."""


@dataclass(frozen=True, slots=True)
class TriedFile:
    """A file that was opened and judged, and is kept nowhere: its text with the parts in it."""

    told: ToldFile
    text: str
    cuts: tuple[Cut, ...]
    judgement: Judgement


TryFile = Callable[[str, str | None, bytes], TriedFile]
"""Opens and judges a file, given its name, declared type and bytes; blocks. Raises `OSError` when
it cannot be opened here just now."""


def static_app() -> StaticApp:
    """The application that serves our static files; mount it under `/static`."""
    return StaticApp()


class Visiting(Protocol):
    """What knows who looks at a page (`service.access.visitors.Visitors`)."""

    async def require_person(self, request: Request, wanted: Permission) -> Principal: ...

    async def look(self, request: Request) -> Principal | None: ...

    def frame(self, request: Request, principal: Principal) -> Visitor: ...


def router(
    judge: Callable[[], Judge],
    *,
    visitors: Visiting,
    demo: bool,
    catalogue: Catalogue | None = None,
    try_file: TryFile | None = None,
) -> APIRouter:
    """The routes of the page; `judge` gives the judge that is live at each request, `try_file`
    opens files, where that can be done.

    In demo mode everybody may see it and `/` leads to it; otherwise it needs a role.
    """
    routes = APIRouter(include_in_schema=False)
    page = _TryPage(judge, catalogue or load(), visitors=visitors, demo=demo, try_file=try_file)
    routes.add_api_route("/try", page.open, methods=["GET"], response_model=None)
    routes.add_api_route("/try", page.submit, methods=["POST"], response_model=None)
    routes.add_api_route("/try/judgement", page.answer, methods=["POST"], response_model=None)
    routes.add_api_route("/try/file", page.submit_file, methods=["POST"], response_model=None)
    routes.add_api_route("/", page.lead_in, methods=["GET"], response_model=None)
    return routes


class _TryPage:
    """The three ways to ask for a judgement, and the one way to show it."""

    def __init__(
        self,
        judge: Callable[[], Judge],
        catalogue: Catalogue,
        *,
        visitors: Visiting,
        demo: bool,
        try_file: TryFile | None,
    ) -> None:
        self._judge = judge
        self._try_file = try_file
        self._places = asyncio.Semaphore(AT_ONCE)
        self._catalogue = catalogue
        self._visitors = visitors
        self._demo = demo
        self._examples = load_examples()

    async def lead_in(self, request: Request) -> Response:
        """From the bare address to where one begins; signing in leads whoever is in already on."""
        language = language_of(request).short
        return RedirectResponse(f"{'/try' if self._demo else '/sign-in'}?lang={language}", 307)

    async def open(self, request: Request) -> Response:
        """The empty page, or with `?example=n` the n-th example and its judgement."""
        visitor = await self._admit(request)
        chosen = request.query_params.get("example", "")
        text = next((e.text for e in self._examples if str(e.number) == chosen), "")
        return await run_in_threadpool(
            self._render, "try.html", text, language_of(request), visitor
        )

    async def submit(self, request: Request) -> Response:
        """The page with the judgement of the form's `text`: the way without JavaScript."""
        return await self._judge_form(request, "try.html")

    async def answer(self, request: Request) -> Response:
        """The result alone, as a fragment of HTML, for the script."""
        return await self._judge_form(request, "try_result.html")

    async def submit_file(self, request: Request) -> Response:
        """The page with the judgement of a file that was sent."""
        language = language_of(request)
        visitor = await self._admit(request)
        if not is_from_here(request.headers):
            raise turn_away(request, "elsewhere", status=403)
        if self._try_file is None:
            return self._show_file(language, visitor, state="file_away", status=503)
        try:
            _, files = await read_files_form(
                request, most_bytes=MOST_FILE_BYTES + MOST_BYTES, most_files=1, most_text=MOST_BYTES
            )
        except FormTooLarge:
            return self._show_file(language, visitor, state="file_unfit", status=413)
        except FormUnreadable:
            raise turn_away(request, "unreadable", status=400) from None
        if len(files) != 1 or len(files[0].data) > MOST_FILE_BYTES:
            return self._show_file(language, visitor, state="file_unfit", status=422)
        try:
            async with self._places:
                tried = await run_in_threadpool(
                    self._try_file, files[0].name, files[0].type, files[0].data
                )
        except OSError:
            return self._show_file(language, visitor, state="file_away", status=503)
        shown = show_judgement(tried.text, tried.judgement, self._catalogue, language, tried.cuts)
        return self._show_file(language, visitor, state="judged", it=shown, file=tried.told)

    def _show_file(
        self,
        language: Language,
        visitor: Visitor | None,
        *,
        state: str,
        status: int = 200,
        it: ShownJudgement | None = None,
        file: ToldFile | None = None,
    ) -> Response:
        files = () if file is None else (file,)
        return self._show(
            "try.html", "", language, visitor, state=state, status=status, it=it, files=files
        )

    async def _judge_form(self, request: Request, template: str) -> Response:
        language = language_of(request)
        visitor = await self._admit(request)
        if not is_from_here(request.headers):
            raise turn_away(request, "elsewhere", status=403)
        try:
            form = await read_form(request, most_bytes=MOST_BYTES)
        except FormTooLarge:
            return self._show(template, "", language, visitor, state="too_long", status=413)
        except FormUnreadable:
            raise turn_away(request, "unreadable", status=400) from None
        text = form.get("text", "")
        return await run_in_threadpool(self._render, template, text, language, visitor)

    async def _admit(self, request: Request) -> Visitor | None:
        """Who looks, for the frame; outside demo mode somebody who is signed in."""
        if self._demo:
            principal = await self._visitors.look(request)
        else:
            principal = await self._visitors.require_person(request, Permission.TRY)
        return None if principal is None else self._visitors.frame(request, principal)

    def _render(
        self, template: str, text: str, language: Language, visitor: Visitor | None
    ) -> Response:
        if len(text) > MAX_TEXT:
            return self._show(template, text, language, visitor, state="too_long", status=422)
        if not text:
            return self._show(template, text, language, visitor, state="idle")
        judgement = self._judge().judge(text)
        shown = show_judgement(text, judgement, self._catalogue, language)
        state = "unseen" if is_blank(text) else "judged"
        return self._show(template, text, language, visitor, state=state, it=shown)

    def _show(
        self,
        template: str,
        text: str,
        language: Language,
        visitor: Visitor | None,
        *,
        state: str,
        status: int = 200,
        it: ShownJudgement | None = None,
        files: Sequence[ToldFile] = (),
    ) -> Response:
        return render_page(
            template,
            language,
            status=status,
            visitor=visitor,
            text=text,
            state=state,
            it=it,
            examples=self._examples,
            most_characters=MAX_TEXT,
            files=files,
            takes_files=self._try_file is not None,
            most_megabytes=MOST_FILE_BYTES // 1024**2,
        )
