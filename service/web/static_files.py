"""Serves our own few static files from memory, under addresses that change with their contents.

A dictionary of names is read once, so no request can reach any other file of the machine.
"""

from __future__ import annotations

import hashlib
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PREFIX = "/static"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""Written out because what `mimetypes` says depends on the machine."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file: its bytes, its media type, and the digest of its bytes."""

    body: bytes
    media_type: str
    digest: str


@cache
def static_files() -> Mapping[str, StaticFile]:
    """Every static file by its name."""
    files: dict[str, StaticFile] = {}
    for entry in importlib.resources.files("service.web").joinpath("static").iterdir():
        media_type = _TYPES.get(entry.name[entry.name.rfind(".") :])
        if media_type is not None:
            body = entry.read_bytes()
            digest = hashlib.sha256(body).hexdigest()[:16]
            files[entry.name] = StaticFile(body, media_type, digest)
    return files


def static_url(name: str) -> str:
    """The address of a static file; raises KeyError when there is none of that name."""
    return f"{PREFIX}/{name}?v={static_files()[name].digest}"


class StaticApp:
    """ASGI application to mount under `PREFIX`: GET and HEAD, ETag, 304.

    Raises HTTPException 404 and 405, which the application around it answers in its own way.
    """

    def __init__(self) -> None:
        self._files = static_files()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise HTTPException(404)
        request = Request(scope)
        if request.method not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        name = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix("/")
        file = self._files.get(name)
        if file is None:
            raise HTTPException(404)
        await _answer(request, file)(scope, receive, send)


def _answer(request: Request, file: StaticFile) -> Response:
    named = parse_qs(request.url.query).get("v") == [file.digest]
    headers = {
        "ETag": f'"{file.digest}"',
        "Cache-Control": "public, max-age=31536000, immutable" if named else "no-cache",
        "X-Content-Type-Options": "nosniff",
        # An SVG opened as a document of its own must be as powerless as it is in a page.
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }
    known = {tag.strip().removeprefix("W/") for tag in _if_none_match(request).split(",")}
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)


def _if_none_match(request: Request) -> str:
    return request.headers.get("if-none-match", "")
