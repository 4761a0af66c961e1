"""The shield: headers on every answer, and an unexpected error that tells nothing."""

from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.testclient import TestClient

from service.kernel import problems
from service.kernel.shield import Shield
from service.kernel.thin import ThinRoute


async def fail(_request: Request) -> Response:
    raise RuntimeError("s3cret text of a user")


async def keep(_request: Request) -> Response:
    return JSONResponse({}, headers={"Cache-Control": "max-age=60"})


async def teapot(_request: Request) -> Response:
    raise HTTPException(418)


def client() -> TestClient:
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.add_middleware(Shield)
    problems.install(app)
    for path, endpoint in (("/fail", fail), ("/keep", keep), ("/teapot", teapot)):
        app.router.routes.append(ThinRoute(path, endpoint, methods=["GET"]))
    return TestClient(app)


def test_an_unexpected_error_is_a_problem_without_its_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client().get("/fail")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert answer.headers["content-type"] == problems.MEDIA_TYPE
    assert "s3cret" not in answer.text + caplog.text
    record = caplog.records[0]
    assert record.__dict__["error"] == "RuntimeError"
    assert record.__dict__["where"].startswith("fail:")


@pytest.mark.parametrize("path", ["/fail", "/keep", "/missing", "/teapot"])
def test_every_answer_has_the_security_headers(path: str) -> None:
    headers = client().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_an_answer_is_not_kept_by_caches_unless_it_says_so() -> None:
    assert client().get("/missing").headers["cache-control"] == "no-store"
    assert client().get("/keep").headers["cache-control"] == "max-age=60"


def test_statuses_of_the_framework_are_problems_too() -> None:
    assert client().get("/missing").json()["code"] == "not_found"
    refused = client().post("/keep")
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert refused.headers["allow"] == "GET"
    assert client().get("/teapot").json()["code"] == "im_a_teapot"
