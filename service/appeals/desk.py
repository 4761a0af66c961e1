"""What routes and pages of appeals both ask for, each in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from service.access.actor import actor_of
from service.access.model import Permission, Principal
from service.appeals import filing, flow, ruling, store
from service.appeals.contested import Contested, Rules, find_contested, find_involved
from service.appeals.model import (
    Appeal,
    AppealEvent,
    Author,
    MayNot,
    Message,
    NoAppeal,
    Verdict,
    events_for,
    is_own,
    may_read,
)
from service.appeals.ruling import RuledAppeal
from service.attachments.desk import Attachments, Given
from service.attachments.model import Attachment, Document
from service.decisions import store as decisions
from service.decisions.cuts import cuts_of
from service.decisions.model import Cut
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.review.desk import Writing
from service.review.opening import is_covered

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFile:
    """An appeal with all that belongs to it, as one person sees it.

    `text` is None for whoever may not open it, and when it is not kept.
    """

    appeal: Appeal
    contested: Contested
    attachments: tuple[Attachment, ...]
    messages: tuple[Message, ...]
    window_ends_at: datetime | None
    text: str | None
    cuts: tuple[Cut, ...]
    opens_text: bool
    opens_documents: bool
    is_involved: bool
    events: tuple[AppealEvent, ...]
    now: datetime


class AppealDesk:
    """Reads and moves appeals; belongs to one event loop.

    `settle` is awaited after a commit that changed what an account may do.
    """

    def __init__(
        self,
        *,
        readers: Readers,
        commit: Writing,
        clock: Clock,
        rules: Rules,
        attachments: Attachments,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        self.rules = rules
        self.now = clock.now
        self._readers = readers
        self._commit = commit
        self._attachments = attachments
        self._settle = settle

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What a query gives."""
        return await self._readers.run(work)

    async def open_file(self, principal: Principal, appeal_id: str) -> AppealFile:
        """An appeal with all that belongs to it. Raises `NoAppeal`."""
        now = self.now()
        return await self._readers.run(lambda conn: self._open(conn, principal, appeal_id, now))

    async def file(
        self,
        principal: Principal,
        decision_id: str,
        grounds: str,
        evidence: Sequence[str],
        documents: Sequence[Document],
    ) -> Appeal:
        """Contest a decision for whoever it concerns; raises what the flow raises, and what
        `Attachments.take` does."""
        now = self.now()

        def work(conn: Connection, given: Given) -> Appeal:
            return filing.file(
                conn,
                decision_id,
                tenant_id=principal.tenant_id,
                grounds=grounds,
                evidence=evidence,
                attachments=given,
                actor=actor_of(principal),
                rules=self.rules,
                now=now,
            )

        return await self._attachments.take(principal.tenant_id, documents, work)

    async def withdraw(self, principal: Principal, appeal_id: str, version: int | None) -> Appeal:
        """Take an appeal back for whoever filed it; raises what the flow raises."""
        now = self.now()
        return await self._commit.run(
            lambda conn: flow.withdraw(
                conn,
                appeal_id,
                tenant_id=principal.tenant_id,
                version=version,
                actor=actor_of(principal),
                now=now,
            )
        )

    async def say(
        self, principal: Principal, appeal_id: str, text: str, documents: Sequence[Document]
    ) -> Message:
        """Write to the other side: a person as the reviewer, a key for the appellant.

        Raises what the flow and `Attachments.take` raise; a person must be one who may rule on it.
        """
        now = self.now()
        author = Author.APPELLANT if principal.person_id is None else Author.REVIEWER

        def work(conn: Connection, given: Given) -> Message:
            if author is Author.REVIEWER:
                flow.read_for(conn, appeal_id, principal, self.rules)
            return flow.say(
                conn,
                appeal_id,
                text,
                tenant_id=principal.tenant_id,
                author=author,
                actor=actor_of(principal),
                now=now,
                attachments=given,
            )

        return await self._attachments.take(principal.tenant_id, documents, work)

    async def open_attachment(
        self, principal: Principal, appeal_id: str, attachment_id: str
    ) -> tuple[Attachment, bytes] | None:
        """A document of either side; None where there is none for whoever asks.

        Raises what `Attachments.open` raises.
        """

        def find(conn: Connection) -> list[Attachment]:
            appeal = store.get(conn, principal.tenant_id, appeal_id)
            if appeal is None or not may_read(appeal, principal):
                return []
            return store.all_attachments_of(conn, appeal)

        return await self._attachments.open(principal.tenant_id, attachment_id, find)

    async def step(
        self,
        event: AppealEvent,
        principal: Principal,
        appeal_id: str,
        *,
        version: int | None,
        reasons: str = "",
    ) -> Appeal:
        """Claim, renew, release or reject; raises what the flow raises."""
        now = self.now()

        def work(conn: Connection) -> Appeal:
            enter = flow.claim if event is AppealEvent.CLAIM else flow.read_held
            appeal = enter(
                conn,
                appeal_id,
                version=version,
                principal=principal,
                rules=self.rules,
                now=now,
            )
            if event is AppealEvent.CLAIM:
                return appeal
            if event is AppealEvent.RENEW:
                return flow.renew(conn, appeal, principal, now)
            if event is AppealEvent.RELEASE:
                return flow.release(conn, appeal, principal, now)
            if event is AppealEvent.REJECT:
                return flow.reject(conn, appeal, principal, now, reasons=reasons, rules=self.rules)
            raise MayNot("appeal: this is not a reviewer's to do")

        return await self._commit.run(work)

    async def decide(
        self, principal: Principal, appeal_id: str, verdict: Verdict, *, version: int
    ) -> RuledAppeal:
        """Rule; raises what `service.appeals.ruling.decide` raises."""
        now = self.now()
        ruled = await self._commit.run(
            lambda conn: ruling.decide(
                conn,
                appeal_id,
                verdict,
                version=version,
                principal=principal,
                rules=self.rules,
                now=now,
            )
        )
        if ruled.restricts:
            await self._settle()
        return ruled

    def _open(
        self, conn: Connection, principal: Principal, appeal_id: str, now: datetime
    ) -> AppealFile:
        appeal = store.get(conn, principal.tenant_id, appeal_id)
        contested = None
        if appeal is not None:
            contested = find_contested(conn, principal.tenant_id, appeal.decision_id)
        if appeal is None or contested is None:
            raise NoAppeal("appeal: there is none of this id for this tenant")
        involved = find_involved(conn, contested, self.rules)
        opens = principal.person_id is None or appeal.is_held_by(principal.person_id, now)
        opens = opens and principal.may(Permission.OPEN_TEXTS) and not is_own(appeal, principal)
        opens = opens and not is_covered(conn, contested.decisions[0], principal)
        opened_by = contested.case.decision_id
        return AppealFile(
            appeal=appeal,
            contested=contested,
            attachments=store.attachments_of(conn, appeal),
            messages=tuple(store.messages_of(conn, principal.tenant_id, appeal_id)),
            window_ends_at=self.rules.window_ends(conn, contested.newest),
            text=decisions.text_of(conn, principal.tenant_id, opened_by, now) if opens else None,
            cuts=cuts_of(conn, principal.tenant_id, opened_by) if opens else (),
            opens_text=opens,
            opens_documents=may_read(appeal, principal),
            is_involved=principal.person_id in involved or is_own(appeal, principal),
            events=events_for(appeal, principal, involved, now),
            now=now,
        )
