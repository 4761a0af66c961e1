"""`moderation consume`: the stream's consumer, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import uvloop

from models.classifier.artefact import ArtefactError
from service.kernel import logs
from service.kernel.db import StorageError
from service.kernel.redis_client import embedded_url
from service.settings import SettingsError, load_settings
from workers.consume import build_consumer

if TYPE_CHECKING:
    from cli.main import Parsers
    from service.settings import Settings


def add_parser(subparsers: Parsers) -> None:
    subparsers.add_parser("consume", description=__doc__)


def run(args: argparse.Namespace) -> int:
    """Consume until told to stop; 0 after an orderly end, 1 when it cannot start."""
    logs.configure()
    try:
        uvloop.run(consume(load_settings(os.environ)))
    except (OSError, ValueError, ArtefactError, SettingsError, StorageError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def consume(settings: Settings) -> None:
    """Run one consumer; the batch that a signal interrupts is finished."""
    redis_url = settings.redis_url or embedded_url(settings.data_dir)
    services, consumer = build_consumer(settings, redis_url)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, consumer.stop)
    services.start()
    try:
        await consumer.run()
    finally:
        await services.stop()
