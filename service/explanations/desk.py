"""What routes and pages both ask of explanations, each in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from service.access.model import Principal
from service.explanations import assessment, checks, flow, store
from service.explanations.assessment import Settle
from service.explanations.checks import CheckState
from service.explanations.files import Document, Files, drop, keep
from service.explanations.flow import Answered, Reopen
from service.explanations.model import Answer, Attachment, NoRequest, Request
from service.explanations.steps import NO_REQUEST
from service.kernel.audit import Actor
from service.kernel.clock import Clock
from service.notices.calendar.model import Calendar

T = TypeVar("T")


class Reading(Protocol):
    """What reads the store (`service.kernel.db.Readers`)."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


class Writing(Protocol):
    """What records (`service.kernel.group_commit.GroupCommit`)."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A request with what was said to it."""

    request: Request
    answers: Sequence[Answer]
    checks: Mapping[str, CheckState]


class Explanations:
    """Reads and moves requests; belongs to one event loop."""

    def __init__(
        self,
        *,
        readers: Reading,
        commit: Writing,
        clock: Clock,
        calendar: Calendar,
        files: Files,
        reopen: Reopen,
        settle: Settle,
    ) -> None:
        self.now = clock.now
        self._readers = readers
        self._commit = commit
        self._calendar = calendar
        self._files = files
        self._reopen = reopen
        self._settle = settle

    async def find(self, tenant_id: str, request_id: str) -> Found:
        """A request; raises `NoRequest`."""

        def read(conn: Connection) -> Found:
            request = store.get(conn, tenant_id, request_id)
            if request is None:
                raise NoRequest(NO_REQUEST)
            answers = store.answers_of(conn, tenant_id, request_id)
            ids = [attachment.id for answer in answers for attachment in answer.attachments]
            return Found(request, answers, checks.states_of(conn, tenant_id, ids))

        return await self._readers.run(read)

    async def answer(
        self,
        tenant_id: str,
        request_id: str,
        *,
        text: str,
        documents: Sequence[Document],
        actor: Actor,
        account_id: str | None = None,
    ) -> Answered:
        """Take an answer with its documents. Raises what `flow.answer` raises, and `OSError`."""
        kept = await asyncio.to_thread(keep, self._files, tenant_id, documents)
        now = self.now()

        def work(conn: Connection) -> Answered:
            answered = flow.answer(
                conn,
                tenant_id,
                request_id,
                text=text,
                attachments=kept,
                actor=actor,
                reopen=self._reopen,
                now=now,
                account_id=account_id,
            )
            checks.ask(conn, tenant_id, kept, now)
            return answered

        try:
            return await self._commit.run(work)
        except BaseException:
            await asyncio.to_thread(drop, self._files, tenant_id, kept)
            raise

    async def extend(self, principal: Principal, request_id: str, *, days: int) -> Request:
        """Give more days."""
        now = self.now()
        return await self._commit.run(
            lambda conn: assessment.extend(
                conn,
                request_id,
                days=days,
                principal=principal,
                calendar=self._calendar,
                now=now,
            )
        )

    async def assess(
        self, principal: Principal, request_id: str, *, accepted: bool, rationale: str
    ) -> Request:
        """Accept or reject an answer."""
        now = self.now()
        return await self._commit.run(
            lambda conn: assessment.assess(
                conn,
                request_id,
                accepted=accepted,
                rationale=rationale,
                principal=principal,
                settle=self._settle,
                now=now,
            )
        )

    async def cancel(self, principal: Principal, request_id: str, *, rationale: str) -> Request:
        """Ask no longer."""
        now = self.now()
        return await self._commit.run(
            lambda conn: assessment.cancel(
                conn,
                request_id,
                rationale=rationale,
                principal=principal,
                settle=self._settle,
                now=now,
            )
        )

    async def open_attachment(
        self, tenant_id: str, request_id: str, attachment_id: str
    ) -> tuple[Attachment, bytes] | None:
        """A document of a request, None when there is none, it is not kept, or holds malware."""
        found = await self.find(tenant_id, request_id)
        if found.checks.get(attachment_id) is CheckState.MALWARE:
            return None
        for given in found.answers:
            for attachment in given.attachments:
                if attachment.id == attachment_id:
                    data = await asyncio.to_thread(self._files.get, tenant_id, attachment_id)
                    return None if data is None else (attachment, data)
        return None
