"""The page `/try`: type a message and see how it is judged. Stores nothing.

One renderer serves both ways through it: a form for browsers without JavaScript, and the same
result as a fragment for our script, so that text is marked and escaped in one place only.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.detection.judge import Judge
from service.moderation.content import is_blank
from service.moderation.examples import load_examples
from service.moderation.model import MAX_TEXT
from service.moderation.shown_judgement import ShownJudgement, show_judgement
from service.policy.catalogue import Catalogue, load
from service.web.forms import FormTooLarge, FormUnreadable, is_from_here, read_form
from service.web.languages import Language, choose_language
from service.web.render import render_page
from service.web.static_files import StaticApp

MOST_BYTES = 16 * MAX_TEXT
"""Longest form: 12 bytes are one code point of four UTF-8 bytes, percent-encoded, and some room."""


def static_app() -> StaticApp:
    """The application that serves our static files; mount it under `/static`."""
    return StaticApp()


def router(
    judge: Callable[[], Judge], *, demo: bool, catalogue: Catalogue | None = None
) -> APIRouter:
    """The routes of the page; `judge` gives the judge that is live at each request.

    In demo mode everybody may see it and `/` leads to it; otherwise it needs a role.
    """
    routes = APIRouter(include_in_schema=False)
    page = _TryPage(judge, catalogue or load(), demo=demo)
    routes.add_api_route("/try", page.open, methods=["GET"], response_model=None)
    routes.add_api_route("/try", page.submit, methods=["POST"], response_model=None)
    routes.add_api_route("/try/judgement", page.answer, methods=["POST"], response_model=None)
    if demo:
        routes.add_api_route("/", _lead_to_page, methods=["GET"], response_model=None)
    return routes


async def _lead_to_page() -> Response:
    return RedirectResponse("/try", status_code=307)


class _TryPage:
    """The three ways to ask for a judgement, and the one way to show it."""

    def __init__(self, judge: Callable[[], Judge], catalogue: Catalogue, *, demo: bool) -> None:
        self._judge = judge
        self._catalogue = catalogue
        self._demo = demo
        self._examples = load_examples()

    async def open(self, request: Request) -> Response:
        """The empty page, or with `?example=n` the n-th example and its judgement."""
        language = _language(request)
        if not self._demo:
            return _refuse(language, "refused.title", "refused.role", status=403)
        chosen = request.query_params.get("example", "")
        text = next((e.text for e in self._examples if str(e.number) == chosen), "")
        return await run_in_threadpool(self._render, "try.html", text, language)

    async def submit(self, request: Request) -> Response:
        """The page with the judgement of the form's `text`: the way without JavaScript."""
        return await self._judge_form(request, "try.html")

    async def answer(self, request: Request) -> Response:
        """The result alone, as a fragment of HTML, for the script."""
        return await self._judge_form(request, "try_result.html")

    async def _judge_form(self, request: Request, template: str) -> Response:
        language = _language(request)
        if not self._demo:
            return _refuse(language, "refused.title", "refused.role", status=403)
        if not is_from_here(request.headers):
            return _refuse(language, "refused.elsewhere_title", "refused.elsewhere", status=403)
        try:
            form = await read_form(request, most_bytes=MOST_BYTES)
        except FormTooLarge:
            return self._show(template, "", language, state="too_long", status=413)
        except FormUnreadable:
            return _refuse(language, "refused.unreadable_title", "refused.unreadable", status=400)
        return await run_in_threadpool(self._render, template, form.get("text", ""), language)

    def _render(self, template: str, text: str, language: Language) -> Response:
        if len(text) > MAX_TEXT:
            return self._show(template, text, language, state="too_long", status=422)
        if not text:
            return self._show(template, text, language, state="idle")
        judgement = self._judge().judge(text)
        shown = show_judgement(text, judgement, self._catalogue, language)
        state = "unseen" if is_blank(text) else "judged"
        return self._show(template, text, language, state=state, it=shown)

    def _show(
        self,
        template: str,
        text: str,
        language: Language,
        *,
        state: str,
        status: int = 200,
        it: ShownJudgement | None = None,
    ) -> Response:
        return render_page(
            template,
            language,
            status=status,
            text=text,
            state=state,
            it=it,
            examples=self._examples,
            most_characters=MAX_TEXT,
        )


def _language(request: Request) -> Language:
    asked = request.query_params.get("lang")
    return choose_language(asked, request.headers.get("accept-language"))


def _refuse(language: Language, title: str, reason: str, *, status: int) -> Response:
    return render_page("refused.html", language, status=status, title=title, reason=reason)
