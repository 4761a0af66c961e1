"""Signing in, by the API and on a page."""

from __future__ import annotations

from service.access import pages
from service.access.routes import SessionRoutes
from service.wiring.api import Services
from service.wiring.feature import Feature


def build(services: Services) -> Feature:
    """`/v1/sessions` and the sign-in page."""
    sessions = SessionRoutes(
        signing_in=services.signing_in,
        entrance=services.entrance,
        keys=services.keys,
        readers=services.readers,
        clock=services.clock,
    )
    return Feature(
        routes=[
            ("POST", "/v1/sessions", sessions.create),
            ("GET", "/v1/sessions/current", sessions.current),
            ("DELETE", "/v1/sessions/current", sessions.end),
        ],
        pages=[pages.router(services.signing_in, services.visitors, demo=services.settings.demo)],
    )
