"""The way in for pages: who looks, by the cookie of their browser; may they; is a form theirs.

A page asks `require_person`, shows `frame` around its content, and reads forms by `read_form`,
which refuses those that another site sent (cross-site request forgery): by where the browser says
they come from, and by a token that only our own pages hold.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.access.model import Principal, Session, SessionKind, Unauthenticated
from service.access.permissions import Permission
from service.access.places import places_for
from service.access.sessions import is_token, open_session
from service.kernel.clock import Clock
from service.kernel.db import Readers, StorageError
from service.web.forms import FormTooLarge, FormUnreadable, is_from_here, read_form
from service.web.languages import Language, choose_language
from service.web.multipart import SentFile, read_files_form
from service.web.render import render_page
from service.web.visitor import Visitor

MOST_BYTES: Final = 64 * 1024
"""Longest form of a page that does not say otherwise."""

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class TurnedAway(Exception):
    """A page is not shown or a form not taken; `response` says why, or leads to sign in."""

    def __init__(self, response: Response) -> None:
        super().__init__("turned away")
        self.response = response


class Visitors:
    """Knows people by the cookie that signing in gave them."""

    def __init__(
        self, *, readers: Readers, clock: Clock, on_session: Callable[[Session], None]
    ) -> None:
        self._readers = readers
        self._now = clock.now
        self._on_session = on_session

    async def require_person(self, request: Request, wanted: Permission) -> Principal:
        """Who looks at a page that needs a permission.

        Raises `TurnedAway`: to the sign-in page when nobody is signed in, a page with status 403
        when the role may not, 503 when the store is away.
        """
        try:
            principal = await self._find(request)
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        if principal is None:
            raise TurnedAway(_lead_to_sign_in(request))
        if wanted not in principal.permissions:
            raise turn_away(request, "role", status=403, visitor=self.frame(request, principal))
        return principal

    async def look(self, request: Request) -> Principal | None:
        """Who looks at a page that is open to all, when they are signed in and it is known."""
        try:
            return await self._find(request)
        except StorageError:
            return None

    async def read_form(self, request: Request, *, most_bytes: int = MOST_BYTES) -> dict[str, str]:
        """The fields of a form that somebody signed in sends from one of our pages.

        Raises `TurnedAway`: 403 for a form from elsewhere or without the session's token, 413, 400.
        """
        return _with_token(request, await read_own_form(request, most_bytes=most_bytes))

    async def read_files_form(
        self, request: Request, *, most_bytes: int, most_files: int
    ) -> tuple[dict[str, str], list[SentFile]]:
        """The fields and the files of such a form; raises as `read_form`."""
        form, files = await read_own_files_form(
            request, most_bytes=most_bytes, most_files=most_files, most_text=MOST_BYTES
        )
        return _with_token(request, form), files

    def frame(self, request: Request, principal: Principal) -> Visitor:
        """What the frame of a page shows: pass it to `render_page` as `visitor`."""
        return Visitor(
            username=principal.username or "",
            role=principal.role or "",
            places=places_for(principal.permissions),
            csrf=csrf_of(request),
        )

    async def _find(self, request: Request) -> Principal | None:
        token = token_of(request)
        if token is None:
            return None
        now = self._now()
        try:
            principal, _, session = await self._readers.run(
                lambda conn: open_session(conn, token, SessionKind.WEB, now=now)
            )
        except Unauthenticated:
            return None
        self._on_session(session)
        return principal


def install(app: FastAPI) -> None:
    """Make `TurnedAway` the answer that it holds."""

    async def answer(_request: Request, error: Exception) -> Response:
        assert isinstance(error, TurnedAway)
        return error.response

    app.add_exception_handler(TurnedAway, answer)


def language_of(request: Request) -> Language:
    """The language that a page is asked for in."""
    asked = request.query_params.get("lang")
    return choose_language(asked, request.headers.get("accept-language"))


async def read_own_form(request: Request, *, most_bytes: int) -> dict[str, str]:
    """The fields of a form that one of our pages sent. Raises `TurnedAway`."""
    if not is_from_here(request.headers):
        raise turn_away(request, "elsewhere", status=403)
    try:
        return await read_form(request, most_bytes=most_bytes)
    except FormTooLarge:
        raise turn_away(request, "too_large", status=413) from None
    except FormUnreadable:
        raise turn_away(request, "unreadable", status=400) from None


async def read_own_files_form(
    request: Request, *, most_bytes: int, most_files: int, most_text: int
) -> tuple[dict[str, str], list[SentFile]]:
    """The fields and the files of a form that one of our pages sent. Raises `TurnedAway`."""
    if not is_from_here(request.headers):
        raise turn_away(request, "elsewhere", status=403)
    try:
        return await read_files_form(
            request, most_bytes=most_bytes, most_files=most_files, most_text=most_text
        )
    except FormTooLarge:
        raise turn_away(request, "too_large", status=413) from None
    except FormUnreadable:
        raise turn_away(request, "unreadable", status=400) from None


def _with_token(request: Request, form: dict[str, str]) -> dict[str, str]:
    given = form.pop("csrf", "")
    if not hmac.compare_digest(given.encode(), csrf_of(request).encode()):
        raise turn_away(request, "stale", status=403)
    return form


def turn_away(
    request: Request, why: str, *, status: int, visitor: Visitor | None = None
) -> TurnedAway:
    """A page that says why; `why` is a key under `refused` in the translations."""
    page = render_page(
        "refused.html", language_of(request), status=status, why=why, visitor=visitor
    )
    return TurnedAway(page)


def is_on_loopback(request: Request) -> bool:
    """Whether the browser asked this machine itself, where a plain connection is private."""
    return request.url.hostname in LOOPBACK


def cookie_name(request: Request) -> str:
    """`__Host-` makes browsers insist that the cookie came from this very host, by TLS."""
    return "session" if is_on_loopback(request) else "__Host-session"


def token_of(request: Request) -> str | None:
    """The token in the browser's cookie, when it has the form of one."""
    token = request.cookies.get(cookie_name(request), "")
    return token if is_token(token) else None


def csrf_of(request: Request) -> str:
    """The token that forms sent by this browser must hold."""
    return derive_csrf(token_of(request) or "")


def derive_csrf(token: str) -> str:
    """The token of a session's forms; it tells nothing about the session's own."""
    digest = hmac.digest(token.encode(), b"forms of this session", "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def is_own_path(path: str) -> bool:
    """Whether a browser that is sent to `path` stays on this service."""
    return (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and path.isascii()
        and path.isprintable()
        and "\\" not in path
        and len(path) <= 2_000
    )


def _lead_to_sign_in(request: Request) -> Response:
    """To the sign-in page, and from there back to where the person was."""
    if request.method in ("GET", "HEAD"):
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:  # a form's address shows nothing when it is opened
        came_from = urlsplit(request.headers.get("referer", ""))
        is_ours = came_from.netloc == request.headers.get("host")
        back = came_from.path if is_ours else ""
    query = {"lang": language_of(request).short} | ({"next": back} if is_own_path(back) else {})
    return RedirectResponse(f"/sign-in?{urlencode(query)}", status_code=303)
