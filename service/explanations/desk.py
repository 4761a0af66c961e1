"""What routes and pages both ask of explanations, each in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from service.access.model import Principal
from service.attachments.desk import Attachments, Given, Reading, Writing
from service.attachments.model import Attachment, Document
from service.explanations import assessment, flow, store
from service.explanations.assessment import Settle, may_read
from service.explanations.flow import Answered, Reopen
from service.explanations.model import Answer, NoRequest, Request
from service.explanations.steps import NO_REQUEST
from service.kernel.audit import Actor
from service.kernel.clock import Clock
from service.notices.calendar.model import Calendar


@dataclass(frozen=True, slots=True)
class Found:
    """A request with what was said to it."""

    request: Request
    answers: Sequence[Answer]


class Explanations:
    """Reads and moves requests; belongs to one event loop."""

    def __init__(
        self,
        *,
        readers: Reading,
        commit: Writing,
        clock: Clock,
        calendar: Calendar,
        attachments: Attachments,
        reopen: Reopen,
        settle: Settle,
    ) -> None:
        self.now = clock.now
        self._readers = readers
        self._commit = commit
        self._calendar = calendar
        self._attachments = attachments
        self._reopen = reopen
        self._settle = settle

    async def find(self, tenant_id: str, request_id: str) -> Found:
        """A request; raises `NoRequest`."""

        def read(conn: Connection) -> Found:
            request = store.get(conn, tenant_id, request_id)
            if request is None:
                raise NoRequest(NO_REQUEST)
            return Found(request, store.answers_of(conn, tenant_id, request_id))

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
        """Take an answer with its documents.

        Raises what `flow.answer` and `Attachments.take` raise.
        """
        now = self.now()

        def work(conn: Connection, given: Given) -> Answered:
            return flow.answer(
                conn,
                tenant_id,
                request_id,
                text=text,
                attachments=given,
                actor=actor,
                reopen=self._reopen,
                now=now,
                account_id=account_id,
            )

        return await self._attachments.take(tenant_id, documents, work)

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
        self, principal: Principal, request_id: str, attachment_id: str
    ) -> tuple[Attachment, bytes] | None:
        """A document of a request; None where there is none for whoever asks.

        Raises `NoRequest`, and what `Attachments.open` raises.
        """

        def find(conn: Connection) -> list[Attachment]:
            request = store.get(conn, principal.tenant_id, request_id)
            if request is None or not may_read(request, principal):
                raise NoRequest(NO_REQUEST)
            answers = store.answers_of(conn, principal.tenant_id, request_id)
            return [attachment for answer in answers for attachment in answer.attachments]

        return await self._attachments.open(principal.tenant_id, attachment_id, find)
