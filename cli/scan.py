"""`moderation scan`: scans and judges uploaded files, one after the other, until SIGTERM or Ctrl-C.

Files are opened in a child process with limits; start as many of these as files should be scanned
at once.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

from models.classifier.artefact import ArtefactError
from service.kernel import logs
from service.kernel.db import StorageError
from service.settings import Settings, SettingsError, load_settings
from service.uploads.model import Scanner
from service.wiring.clock import build_clock
from service.wiring.store import open_store
from service.wiring.uploads import build_scan_topics
from workers.apart import ApartWorker
from workers.scan.parent import run_scan

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    subparsers.add_parser("scan", description=__doc__)


def make_scanner(settings: Settings, stop: threading.Event | None = None) -> Scanner:
    """What opens files in a child process, as the settings say, until `stop` is set."""
    return partial(
        run_scan,
        rules_folder=settings.scan_rules_dir,
        clamd=settings.clamd,
        stopping=(stop or threading.Event()).is_set,
    )


def run(args: argparse.Namespace) -> int:
    """Work until told to stop; 0 after an orderly end, 1 when it cannot start."""
    logs.configure()
    stop = threading.Event()
    try:
        settings = load_settings(os.environ)
        engine = open_store(settings)
        scan = make_scanner(settings, stop)
        topics = build_scan_topics(settings, scan)
    except (OSError, ValueError, ArtefactError, SettingsError, StorageError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        ApartWorker(
            engine=engine, topics=topics, clock=build_clock(settings, engine), stop=stop
        ).run_until_signal()
    finally:
        engine.dispose()
    return 0
