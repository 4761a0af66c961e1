"""`./run test`: the tests, and at the end what this machine could not run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_RUNNERS = 4
"""Processes that run tests at once at most; each starts servers and a service of its own."""

PLAIN = {"-q", "-v", "-x", "-ra"}
"""Words to pytest that choose no tests."""

OF_THE_CHECKOUT = ("MODERATION_DATA_DIR", "DATABASE_URL", "PORT", "MODERATION_DEMO", "PYTHONPATH")


def run(args: argparse.Namespace) -> int:
    """Become pytest, so that signals reach it; `tests/conftest.py` prints the list at the end.

    The tests keep to folders and ports of their own: what names the checkout's is taken away.
    """
    environment = {name: it for name, it in os.environ.items() if name not in OF_THE_CHECKOUT}
    os.chdir(ROOT)
    # Tests are made over sets, too, and every process must find them in the same order.
    environment.setdefault("PYTHONHASHSEED", "0")
    command = [sys.executable, "-m", "pytest", *share_out(args.words), *args.words]
    os.execve(sys.executable, command, environment)  # noqa: S606


def share_out(words: Sequence[str], *, cores: int | None = os.cpu_count()) -> list[str]:
    """What lets several processes share the whole of the tests, a file of them at a time.

    Nothing where only some are wanted, for which starting the processes would not pay.
    """
    runners = min(cores or 1, MOST_RUNNERS)
    if runners == 1 or not all(word in PLAIN or word.startswith("--durations") for word in words):
        return []
    return ["-n", str(runners), "--dist", "loadfile", "--no-loadscope-reorder"]
