"""What an application serves: every method with its path, from the routes themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.routing import BaseRoute


def list_routes(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    """(method, path) of every route; static files, which hold nobody's data, are left out.

    Raises AssertionError for a kind of route that it cannot look into: nothing goes unseen.
    """
    for route in routes:
        inner: Any = getattr(route, "original_router", None)
        if inner is not None:
            yield from list_routes(inner.routes)
            continue
        path = getattr(route, "path", None)
        methods = getattr(route, "methods", None)
        if methods is None:
            assert path == "/static", f"{type(route).__name__} {path}: what does it serve?"
            continue
        for method in sorted(set(methods) - {"HEAD"}):
            yield method, str(path)
