"""The API as a process that dies once, between a commit and the answer to it, or with a file half
or wholly kept that is not recorded.

Its settings come from the environment. The file named by the argument arms it, and says when to
die: `commit` (after the next one), `recorded` (after the commit that records an upload), `kept`
(before it) or `half` (in the middle of a file). It takes the file away and then ends the process as
`kill -9` does.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from cli.serve import serve
from service.app import create_app
from service.kernel.group_commit import GroupCommit
from service.settings import load_settings
from service.uploads.objects import ObjectStore
from service.wiring.api import build_services

T = TypeVar("T")


class Fuse:
    """Ends the process when what it is armed for happens."""

    def __init__(self, armed: Path) -> None:
        self._armed = armed

    def burn(self, moment: str) -> None:
        if self._armed.exists() and self._armed.read_text() == moment:
            self._armed.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


class DyingCommit:
    """The writer, but for what follows a commit."""

    def __init__(self, inner: GroupCommit, fuse: Fuse, objects: DyingObjects) -> None:
        self._inner = inner
        self._fuse = fuse
        self._objects = objects

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def run(self, work: Callable[[Connection], T]) -> T:
        result = await self._inner.run(work)
        self._fuse.burn("commit")
        if self._objects.kept:
            self._fuse.burn("recorded")
        return result


class DyingObjects:
    """The object store, but for what follows a file, or half of one."""

    def __init__(self, inner: ObjectStore, fuse: Fuse) -> None:
        self.kept = 0
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def put(self, tenant_id: str, id_: str, data: AsyncIterator[bytes]) -> None:
        async def halved() -> AsyncIterator[bytes]:
            came = 0
            async for piece in data:
                yield piece
                came += len(piece)
                if came > 6_000_000:  # more than the store holds back before it writes
                    self._fuse.burn("half")

        await self._inner.put(tenant_id, id_, halved())
        self.kept += 1
        self._fuse.burn("kept")


def main(armed: Path) -> int:
    settings = load_settings(os.environ)
    services = build_services(settings)
    fuse = Fuse(armed)
    assert isinstance(services.objects, ObjectStore)
    objects: Any = DyingObjects(services.objects, fuse)
    commit: Any = DyingCommit(services.commit, fuse, objects)
    return serve(create_app(replace(services, commit=commit, objects=objects)), settings)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
