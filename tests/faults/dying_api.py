"""The API as a process that dies once, between a commit and the answer to it.

Its settings come from the environment. The file named by the argument arms it: the next commit
takes the file away and then ends the process as `kill -9` does.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from cli.serve import serve
from service.app import create_app
from service.kernel.group_commit import GroupCommit
from service.settings import load_settings
from service.wiring.api import build_services

T = TypeVar("T")


class DyingCommit:
    """The writer, but for what follows a commit."""

    def __init__(self, inner: GroupCommit, armed: Path) -> None:
        self._inner = inner
        self._armed = armed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def run(self, work: Callable[[Connection], T]) -> T:
        result = await self._inner.run(work)
        if self._armed.exists():
            self._armed.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def main(armed: Path) -> int:
    settings = load_settings(os.environ)
    services = build_services(settings)
    dying: Any = DyingCommit(services.commit, armed)
    return serve(create_app(replace(services, commit=dying)), settings)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
