"""Documents are kept with what they come with: neither without the other, and none is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from service.attachments.desk import Attachments
from service.attachments.files import LocalFolder
from service.attachments.model import Document

DOCUMENT = Document(name="proof.txt", data=b"proof")


class Recording:
    """Records by `act`, which may refuse, or take its time."""

    def __init__(self, act: Callable[[], Awaitable[None]]) -> None:
        self._act = act

    async def run(self, work: Callable[[Any], Any]) -> Any:
        await self._act()
        return work(None)


def take(folder: Path, act: Callable[[], Awaitable[None]]) -> Any:
    recording = Recording(act)
    desk = Attachments(files=LocalFolder(folder), readers=recording, commit=recording)
    return desk.take("a", [DOCUMENT], lambda _conn, given: given)


def kept(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_what_was_recorded_is_kept(tmp_path: Path) -> None:
    async def act() -> None: ...

    assert len(asyncio.run(take(tmp_path, act))) == kept(tmp_path) == 1


def test_what_was_refused_is_not(tmp_path: Path) -> None:
    async def act() -> None:
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        asyncio.run(take(tmp_path, act))
    assert kept(tmp_path) == 0


def test_a_caller_who_goes_away_meanwhile_loses_no_document(tmp_path: Path) -> None:
    async def scene() -> None:
        begun = asyncio.Event()

        async def act() -> None:
            begun.set()
            await asyncio.Event().wait()  # the writer works on; nobody waits for it any more

        task = asyncio.ensure_future(take(tmp_path, act))
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scene())
    assert kept(tmp_path) == 1
