"""The web service: FastAPI with the routes of every feature, and nothing that is not needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from service.access import pages as access_pages
from service.access import visitors
from service.kernel import problems
from service.kernel.shield import Shield
from service.kernel.thin import JsonAnswer, ThinRoute
from service.moderation import pages
from service.operators.openapi import describe
from service.policy import catalogue
from service.review import pages as review_pages
from service.version import VERSION
from service.wiring import Services

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


def create_app(services: Services, *, further: Iterable[BaseRoute] = ()) -> FastAPI:
    """The application; its lifespan starts and stops what `services` holds.

    `further` are routes of others that hang in the same process, as demo mode's host does.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.start()
        try:
            yield
        finally:
            await services.stop()

    app = FastAPI(
        title="Moderation",
        version=VERSION,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_middleware(Shield)
    problems.install(app)
    visitors.install(app)
    for method, path, endpoint in routes(services):
        app.router.routes.append(ThinRoute(path, endpoint, methods=[method]))
    if services.demo is not None:
        move_clock = services.demo.move_clock
        app.router.routes.append(ThinRoute("/demo/clock", move_clock, methods=["POST"]))
    app.router.routes.extend(further)
    demo = services.settings.demo
    app.include_router(services.dead_letter_page.router())
    app.include_router(access_pages.router(services.signing_in, services.visitors, demo=demo))
    app.include_router(pages.router(lambda: services.judge, visitors=services.visitors, demo=demo))
    app.include_router(review_pages.router(services.desk, services.visitors, catalogue.load()))
    app.mount("/static", pages.static_app())
    return app


def routes(services: Services) -> list[tuple[str, str, Endpoint]]:
    """Every JSON route: method, path, endpoint. The busiest come first, since order is search."""
    moderations, decisions, health = services.moderations, services.decisions, services.health
    enforcement, cases = services.enforcement, services.cases
    return [
        ("POST", "/v1/moderations", moderations.moderate),
        ("GET", "/v1/accounts/{account_id}/functions/{function}", enforcement.check),
        ("POST", "/v1/moderations/batch", moderations.moderate_batch),
        ("GET", "/v1/decisions/{decision_id}", decisions.get),
        ("GET", "/v1/decisions", decisions.list_page),
        ("POST", "/v1/decisions/{decision_id}/replay", decisions.replay),
        ("GET", "/v1/measures/{measure_id}", enforcement.get),
        ("POST", "/v1/measures/{measure_id}/receipt", enforcement.take_receipt),
        ("POST", "/v1/measures/{measure_id}/lift", enforcement.lift),
        ("POST", "/v1/measures/{measure_id}/order", enforcement.order_again),
        ("GET", "/v1/accounts/{account_id}/standing", services.accounts.standing),
        ("PUT", "/v1/accounts/{account_id}/facts", services.accounts.put_facts),
        ("POST", "/v1/events", services.events.post),
        ("GET", "/v1/cases", cases.list_page),
        ("GET", "/v1/cases/{case_id}", cases.get),
        ("POST", "/v1/cases/{case_id}/claim", cases.claim),
        ("POST", "/v1/cases/{case_id}/renew", cases.renew),
        ("POST", "/v1/cases/{case_id}/release", cases.release),
        ("POST", "/v1/cases/{case_id}/escalate", cases.escalate),
        ("POST", "/v1/cases/{case_id}/decide", cases.decide),
        ("GET", "/v1/dead-letters", services.dead_letters.list_page),
        ("POST", "/v1/dead-letters/{letter_id}/redeliver", services.dead_letters.redeliver),
        ("POST", "/v1/sessions", services.sessions.create),
        ("GET", "/v1/sessions/current", services.sessions.current),
        ("DELETE", "/v1/sessions/current", services.sessions.end),
        ("GET", "/healthz", health.live),
        ("GET", "/readyz", health.ready),
        ("GET", "/metrics", health.metrics),
        ("GET", "/openapi.json", _document()),
    ]


def _document() -> Endpoint:
    body = msgspec.json.encode(describe(VERSION))

    async def openapi(_request: Request) -> Response:
        return JsonAnswer(body)

    return openapi
