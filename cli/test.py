"""`./run test`: the tests, and at the end what this machine could not run."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OF_THE_CHECKOUT = ("MODERATION_DATA_DIR", "DATABASE_URL", "PORT", "MODERATION_DEMO", "PYTHONPATH")


def run(args: argparse.Namespace) -> int:
    """Become pytest, so that signals reach it; `tests/conftest.py` prints the list at the end.

    The tests keep to folders and ports of their own: what names the checkout's is taken away.
    """
    environment = {name: it for name, it in os.environ.items() if name not in OF_THE_CHECKOUT}
    os.chdir(ROOT)
    command = [sys.executable, "-m", "pytest", *args.words]
    os.execve(sys.executable, command, environment)  # noqa: S606
