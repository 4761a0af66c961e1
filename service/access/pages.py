"""The pages that sign people in and out: /sign-in and /sign-out. They work without JavaScript."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.access.model import Locked, Principal, SessionKind, Unauthenticated
from service.access.passwords import LONGEST, TooMany
from service.access.places import places_for
from service.access.routes import MAX_USERNAME, address_of
from service.access.sessions import SigningIn, act_as
from service.access.visitors import (
    Visitors,
    cookie_name,
    is_on_loopback,
    is_own_path,
    language_of,
    read_own_form,
    token_of,
    turn_away,
)
from service.kernel.db import StorageError
from service.web.render import render_page

MOST_BYTES: Final = 8 * 1024


def router(signing_in: SigningIn, visitors: Visitors, *, demo: bool) -> APIRouter:
    """The routes of the pages; in demo mode the page says where the demo's passwords are."""
    routes = APIRouter(include_in_schema=False)
    page = _SignInPage(signing_in, visitors, demo=demo)
    routes.add_api_route("/sign-in", page.open, methods=["GET"], response_model=None)
    routes.add_api_route("/sign-in", page.submit, methods=["POST"], response_model=None)
    routes.add_api_route("/sign-out", page.leave, methods=["POST"], response_model=None)
    return routes


class _SignInPage:
    """The form, what it does, and the way out."""

    def __init__(self, signing_in: SigningIn, visitors: Visitors, *, demo: bool) -> None:
        self._signing_in = signing_in
        self._visitors = visitors
        self._demo = demo

    async def open(self, request: Request) -> Response:
        """The form; whoever is signed in already goes on to where they wanted."""
        principal = await self._visitors.look(request)
        if principal is not None:
            return _go_on(request, principal)
        left = "left" if "left" in request.query_params else ""
        return self._show(request, state=left)

    async def submit(self, request: Request) -> Response:
        """Sign in by the form."""
        form = await read_own_form(request, most_bytes=MOST_BYTES)
        username, password = form.get("username", ""), form.get("password", "")
        if len(username) > MAX_USERNAME or len(password) > LONGEST:
            return self._show(request, state="wrong", status=401)
        try:
            found = await self._signing_in.sign_in(
                username, password, SessionKind.WEB, address=address_of(request)
            )
        except Unauthenticated:
            return self._show(request, state="wrong", username=username, status=401)
        except Locked as error:
            answer = self._show(request, state="locked", username=username, status=429)
            answer.headers["Retry-After"] = str(error.seconds)
            return answer
        except TooMany:
            return self._show(request, state="busy", username=username, status=503)
        except StorageError:
            return self._show(request, state="storage", username=username, status=503)
        answer = _go_on(request, act_as(found.person))
        # No Max-Age: the browser forgets it with its last window, the store after a day anyway.
        answer.set_cookie(
            cookie_name(request),
            found.token,
            httponly=True,
            samesite="lax",
            secure=not is_on_loopback(request),
        )
        return answer

    async def leave(self, request: Request) -> Response:
        """Sign out."""
        token = token_of(request)
        if token is not None:
            await self._visitors.read_form(request, most_bytes=MOST_BYTES)
            try:
                await self._signing_in.sign_out(token)
            except StorageError:  # or the session would go on without its cookie
                raise turn_away(request, "storage", status=503) from None
        query = urlencode({"lang": language_of(request).short, "left": 1})
        answer = RedirectResponse(f"/sign-in?{query}", status_code=303)
        answer.delete_cookie(
            cookie_name(request),
            httponly=True,
            samesite="lax",
            secure=not is_on_loopback(request),
        )
        return answer

    def _show(
        self, request: Request, *, state: str, username: str = "", status: int = 200
    ) -> Response:
        answer = render_page(
            "sign_in.html",
            language_of(request),
            status=status,
            state=state,
            username=username,
            next=_wanted(request),
            # A browser keeps the cookie of a far machine only when it came by TLS.
            is_open=is_on_loopback(request) or request.url.scheme == "https",
            demo=self._demo,
            most_username=MAX_USERNAME,
            most_password=LONGEST,
        )
        if status == 401:
            answer.headers["WWW-Authenticate"] = 'Session realm="moderation"'
        return answer


def _wanted(request: Request) -> str:
    """Where the person wanted to go; empty when that is nowhere of ours."""
    path = request.query_params.get("next", "")
    return path if is_own_path(path) and urlsplit(path).path != "/sign-in" else ""


def _go_on(request: Request, principal: Principal) -> RedirectResponse:
    """To where the person wanted to go, else to their first page, in the language they chose."""
    wanted = urlsplit(_wanted(request) or places_for(principal.permissions)[0].path)
    query = [pair for pair in parse_qsl(wanted.query, keep_blank_values=True) if pair[0] != "lang"]
    query.append(("lang", language_of(request).short))
    return RedirectResponse(f"{wanted.path}?{urlencode(query)}", status_code=303)
