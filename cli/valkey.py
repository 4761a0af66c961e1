"""`moderation valkey`: the embedded server, for as long as whoever started this lives."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from service.settings import SettingsError, load_settings
from workers.valkey import NoValkey, command, hold_folder

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    subparsers.add_parser("valkey", description=__doc__)


def run(args: argparse.Namespace) -> int:
    """Become the server; returns only where it cannot, with 1."""
    try:
        settings = load_settings(os.environ)
        words = command(settings.data_dir)
        with hold_folder(settings.data_dir) as lock:
            if sys.platform == "linux":
                # The request to die with the parent (cli/lifeline.py) stays with the process.
                os.execv(words[0], words)  # noqa: S606
            return _run_child(words, lock)
    except (SettingsError, NoValkey, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _run_child(words: list[str], lock: int) -> int:
    """Where nothing but a thread of ours ends us with the parent, the server is our child."""
    server = subprocess.Popen(words, pass_fds=(lock,))  # noqa: S603
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.terminate())
    return server.wait()
