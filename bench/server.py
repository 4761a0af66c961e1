"""The API as a process of its own for the benchmarks, with one more route that does nothing.

`python -m bench.server FD CORE` serves on the listening socket FD, pinned to CORE (or `-`).
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Final

import msgspec
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from bench.cores import pin
from service.access.model import Scope
from service.app import create_app
from service.kernel.thin import JsonAnswer, ThinRoute, read_body, require_json
from service.moderation.model import Submission
from service.settings import load_settings
from service.wiring.api import Services, build_services

NOOP_PATH: Final = "/bench/noop"
_DONE: Final = b'{"verdict":"allow"}'


def create_bench_app(services: Services) -> FastAPI:
    """The real application, and first of its routes the no-op.

    The no-op is of the same class of route, authenticates in the same way, reads and decodes the
    same body, and answers the same bytes to everybody.
    """
    admit = services.entrance.admit
    decode = msgspec.json.Decoder(Submission).decode
    limit = services.settings.max_body_bytes

    async def answer(request: Request) -> Response:
        headers = dict(request.scope["headers"])
        await admit(headers, Scope.MODERATE)
        require_json(headers)
        decode(await read_body(request.receive, headers, limit))
        return JsonAnswer(_DONE)

    app = create_app(services)
    app.router.routes.insert(0, ThinRoute(NOOP_PATH, answer, methods=["POST"]))
    return app


def main(words: list[str]) -> None:
    """Serve until told to stop."""
    listener = socket.socket(fileno=int(words[0]))
    pin(None if words[1] == "-" else int(words[1]))
    app = create_bench_app(build_services(load_settings(os.environ)))
    # As `moderation serve` has it.
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1:])
