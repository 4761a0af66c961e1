"""Generated requests against the whole service: no fault of ours, every answer as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from doors import Door, open_door
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from service.operators.openapi import describe

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("schemathesis")) as opened:
        opened.post({"text": "坏", "data_id": "m"})
        yield opened


TAKE_INPUT = (
    "/v1/moderations",
    "/v1/moderations/batch",
    "/v1/decisions",
    "/v1/events",
    "/v1/accounts/{account_id}/facts",
)
OPERATIONS = [
    (path, method, mode)
    for path, methods in describe("0")["paths"].items()
    for method in methods
    for mode in GenerationMode
    # What has no parameters cannot be asked wrongly, and any text is an id.
    if mode is GenerationMode.POSITIVE or path in TAKE_INPUT
]


def without_lifespan(app: ASGIApp) -> ASGIApp:
    """The running application, for a client that would start and stop it with each request."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    return serve


def describe_quick() -> dict[str, Any]:
    """The description without long waits: nobody scans files here."""
    described = describe("0")
    parameters = described["paths"]["/v1/uploads"]["post"]["parameters"]
    (wait,) = [found for found in parameters if found["name"] == "wait"]
    wait["schema"]["maximum"] = 0
    return described


@pytest.mark.parametrize(("path", "method", "mode"), OPERATIONS)
def test_every_answer_is_as_described(
    door: Door, path: str, method: str, mode: GenerationMode
) -> None:
    document = schemathesis.openapi.from_dict(describe_quick())
    document.app = without_lifespan(door.client.app)

    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(document[path][method].as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=door.auth(), checks=CHECKS)

    send()
