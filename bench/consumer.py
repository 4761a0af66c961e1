"""The stream's consumer as a process of its own for the benchmarks.

`python -m bench.consumer CORE` consumes until SIGTERM, pinned to CORE (or `-`).
"""

from __future__ import annotations

import os
import sys

import uvloop

from bench.cores import pin
from cli.consume import consume
from service.settings import load_settings


def main(words: list[str]) -> None:
    """Consume until told to stop."""
    pin(None if words[0] == "-" else int(words[0]))
    uvloop.run(consume(load_settings(os.environ)))


if __name__ == "__main__":
    main(sys.argv[1:])
