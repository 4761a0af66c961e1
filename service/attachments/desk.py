"""Takes documents with what they come with, and gives them back to whoever may open them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from service.attachments.files import Files, drop, keep
from service.attachments.model import Attachment, CheckState, Document, NotScanned

T = TypeVar("T")

Given = tuple[Attachment, ...]
"""Documents in the folder that no row speaks of yet (`service.attachments.store.attach`)."""


class Reading(Protocol):
    """What reads the store (`service.kernel.db.Readers`)."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


class Writing(Protocol):
    """What records (`service.kernel.group_commit.GroupCommit`)."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


class Attachments:
    """The documents of every tenant; belongs to one event loop."""

    def __init__(self, *, files: Files, readers: Reading, commit: Writing) -> None:
        self._files = files
        self._readers = readers
        self._commit = commit

    async def take(
        self, tenant_id: str, documents: Sequence[Document], work: Callable[[Connection, Given], T]
    ) -> T:
        """Keep documents and record what they come with; neither where the other fails.

        A caller who goes away while it is recorded leaves them, for it may be recorded yet. `work`
        attaches them in its transaction. Raises what it raises, `WrongDocuments`, `OSError`.
        """
        if not documents:
            return await self._commit.run(lambda conn: work(conn, ()))
        given = await asyncio.to_thread(keep, self._files, tenant_id, documents)
        try:
            return await self._commit.run(lambda conn: work(conn, given))
        except Exception:
            await asyncio.to_thread(drop, self._files, tenant_id, given)
            raise

    async def open(
        self, tenant_id: str, attachment_id: str, find: Callable[[Connection], Sequence[Attachment]]
    ) -> tuple[Attachment, bytes] | None:
        """The document of this id among those that somebody may see.

        None when there is none, it is not kept, or holds malware; raises `NotScanned` until it was
        scanned, and what `find` raises.
        """
        for attachment in await self._readers.run(find):
            if attachment.id == attachment_id:
                return await self._read(tenant_id, attachment)
        return None

    async def _read(
        self, tenant_id: str, attachment: Attachment
    ) -> tuple[Attachment, bytes] | None:
        if not attachment.may_be_opened:
            if attachment.kept and attachment.check is CheckState.PENDING:
                raise NotScanned("attachment: it is being scanned; ask again in a moment")
            return None
        data = await asyncio.to_thread(self._files.get, tenant_id, attachment.id)
        return None if data is None else (attachment, data)
