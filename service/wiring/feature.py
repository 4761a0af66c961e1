"""What a feature shows of itself: rows of JSON routes, and pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.wiring.api import Services

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]
Row = tuple[str, str, Endpoint]
"""Method, path, endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """The JSON routes of a feature in the order in which they are searched, and its pages."""

    routes: Sequence[Row] = ()
    pages: Sequence[APIRouter] = ()


Build = Callable[[Services], Feature]
