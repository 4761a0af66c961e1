"""What operators look at: health, work that failed for good, the API's description, demo clock."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from service.kernel.clock import ticks
from service.kernel.demo_clock import DemoClock
from service.kernel.thin import JsonAnswer
from service.operators.dead_letter_page import DeadLetterPage
from service.operators.dead_letters import DeadLetterRoutes
from service.operators.demo import DemoRoutes
from service.operators.health import Health
from service.operators.openapi import describe
from service.version import VERSION
from service.wiring.api import BUFFERED_ROWS, Services
from service.wiring.feature import Endpoint, Feature, Row
from service.wiring.time_alone import build_ticks


def build(services: Services) -> Feature:
    """`/v1/dead-letters`, `/healthz`, `/readyz`, `/metrics`, `/openapi.json`, `/demo/clock`."""
    letters = DeadLetterRoutes(
        readers=services.readers,
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
    )
    page = DeadLetterPage(
        visitors=services.visitors,
        readers=services.readers,
        commit=services.commit,
        clock=services.clock,
    )
    health = Health(
        commit=services.commit,
        capacity=BUFFERED_ROWS,
        has_model=services.judge.has_model,
        meters=services.meters,
        ticks=ticks,
        redis=services.redis,
        readers=services.readers,
        clock=services.clock,
        calendar=services.calendar,
        further=[services.upload_meters, services.rule_meters],
    )
    return Feature(
        routes=[
            ("GET", "/v1/dead-letters", letters.list_page),
            ("POST", "/v1/dead-letters/{letter_id}/redeliver", letters.redeliver),
            ("GET", "/healthz", health.live),
            ("GET", "/readyz", health.ready),
            ("GET", "/metrics", health.metrics),
            ("GET", "/openapi.json", _document()),
            *_demo_rows(services),
        ],
        pages=[page.router()],
    )


def _demo_rows(services: Services) -> list[Row]:
    if not isinstance(services.clock, DemoClock):
        return []
    demo = DemoRoutes(
        clock=services.clock,
        commit=services.commit,
        ticks=build_ticks(services.settings),
        settle=services.restrictions.settle,
    )
    return [("POST", "/demo/clock", demo.move_clock)]


def _document() -> Endpoint:
    body = msgspec.json.encode(describe(VERSION))

    async def openapi(_request: Request) -> Response:
        return JsonAnswer(body)

    return openapi
