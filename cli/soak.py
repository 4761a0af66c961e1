"""`./run soak`: kills roles of a whole product at random for as long as one likes, and reports.

It is part of the checkout's tests and not installed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(args: argparse.Namespace) -> int:
    """Become `tests/faults/soak.py` with the further words; exit status 2 without a checkout."""
    program = ROOT / "tests" / "faults" / "soak.py"
    if program.is_file():
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, str(program), *args.words]
        os.execve(sys.executable, command, environment)  # noqa: S606
    print("The soak test comes with the checkout; start ./run soak there.", file=sys.stderr)
    return 2
