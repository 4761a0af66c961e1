"""`moderation worker`: carries out the work in the queue, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from service.kernel import logs
from service.kernel.db import StorageError
from service.kernel.redis_client import embedded_url
from service.settings import SettingsError, load_settings
from service.wiring.clock import build_clock
from service.wiring.host import build_host_gateway, build_topics
from service.wiring.store import open_store
from workers.run import Worker

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    subparsers.add_parser("worker", description=__doc__)


def run(args: argparse.Namespace) -> int:
    """Work until told to stop; 0 after an orderly end, 1 when it cannot start."""
    logs.configure()
    try:
        settings = load_settings(os.environ)
        engine = open_store(settings)
        topics = build_topics(settings, build_host_gateway(settings))
    except (SettingsError, StorageError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        Worker(
            engine=engine,
            redis_url=settings.redis_url or embedded_url(settings.data_dir),
            topics=topics,
            clock=build_clock(settings, engine),
        ).run_until_signal()
    finally:
        engine.dispose()
    return 0
