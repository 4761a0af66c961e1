"""`./run bench`: hands over to the benchmarks, which are part of the checkout and not installed."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(args: argparse.Namespace) -> int:
    """Become `python -m bench` with the further words; files are named from where it was called.

    Exit status 2 where there is no checkout (an installed image has no benchmarks).
    """
    if (ROOT / "bench" / "__main__.py").is_file():
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "bench", *args.words]
        os.execve(sys.executable, command, environment)  # noqa: S606
    print("The benchmarks come with the checkout; start ./run bench there.", file=sys.stderr)
    return 2
