"""`moderation schedule`: puts work into the queue and does what time alone does, until SIGTERM."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from service.kernel import logs
from service.kernel.db import StorageError
from service.kernel.redis_client import embedded_url, open_redis
from service.settings import SettingsError, load_settings
from service.wiring.clock import build_clock
from service.wiring.store import build_sequencer, open_store
from service.wiring.time_alone import build_housekeeping, build_ticks
from workers.jobs import JobQueue
from workers.relay import Relay
from workers.schedule import Schedule

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    subparsers.add_parser("schedule", description=__doc__)


def run(args: argparse.Namespace) -> int:
    """Run until told to stop; 0 after an orderly end, 1 when it cannot start."""
    logs.configure()
    try:
        settings = load_settings(os.environ)
        engine = open_store(settings)
        clock = build_clock(settings, engine)
        sequencer = build_sequencer(settings, engine, clock)
        ticks = build_ticks(settings)
    except (SettingsError, StorageError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    client = open_redis(settings.redis_url or embedded_url(settings.data_dir))
    try:
        Schedule(
            engine=engine,
            clock=clock,
            relay=Relay(engine, JobQueue(client), clock),
            sequencer=sequencer,
            ticks=ticks,
            housekeeping=build_housekeeping(),
        ).run_until_signal()
    finally:
        client.close()
        engine.dispose()
    return 0
