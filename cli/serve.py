"""`moderation serve`: the API and the web pages, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from cli.demo_host.start import open_demo_host
from cli.scan import make_scanner
from models.classifier.artefact import ArtefactError
from service.app import create_app
from service.kernel import logs
from service.settings import Settings, SettingsError, load_settings
from service.wiring.api import build_services

if TYPE_CHECKING:
    from fastapi import FastAPI

    from cli.main import Parsers

STOP_WITHIN = 8
"""Seconds that requests under way have to finish after SIGTERM."""


def add_parser(subparsers: Parsers) -> None:
    subparsers.add_parser("serve", description=__doc__)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; 0 after an orderly end, 1 when it cannot start.

    Raises `SystemExit` (1) when the address cannot be had.
    """
    logs.configure()
    with contextlib.ExitStack() as stack:
        try:
            settings = load_settings(os.environ)
            services = build_services(settings, scanner=make_scanner(settings))
            further = (
                stack.enter_context(open_demo_host(settings, services.clock))
                if settings.demo
                else ()
            )
            app = create_app(services, further=further)
        except (OSError, ValueError, ArtefactError, SettingsError) as error:
            print(error, file=sys.stderr)
            return 1
        return serve(app, settings)


def serve(app: FastAPI, settings: Settings) -> int:
    """Serve the application at the address of the settings until told to stop."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,  # an address may hold an account's id, and a line costs 30 µs
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=STOP_WITHIN,
        )
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn has handlers of its own while it serves, and afterwards raises the signal once more
    # for ours; the default ones would turn that into an exit by signal.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run()
    return 0 if server.started else 1
