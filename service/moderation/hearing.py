"""Judges submissions, and hears first what people have said of the same contents."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec

from service.access.model import Tenant
from service.detection.joint import Said, judge_joint
from service.kernel.db import StorageError
from service.moderation.content import digest_content
from service.moderation.joining import JoinError, JoinWindow, talk_of
from service.moderation.model import Submission
from service.moderation.rulings import heed
from service.moderation.scanning import Scan
from service.policy.catalogue import Catalogue
from service.policy.model import Judgement, Verdict

LONG_BATCH: Final = 2_000
"""Code points judged in one go before other requests get their turn."""


class Judging(Protocol):
    """What judges a text (`service.detection.judge.Judge`)."""

    def judge(self, text: str, surface: str = ..., /) -> Judgement: ...


class Clearing(Protocol):
    """What finds rulings (`service.moderation.lookups.Lookups`)."""

    async def cleared(
        self, tenant_id: str, digests: Sequence[bytes], now: datetime
    ) -> Mapping[bytes, frozenset[str]]: ...


class Hearing:
    """Judges for one event loop."""

    def __init__(
        self, judge: Judging, rulings: Clearing, catalogue: Catalogue, window: JoinWindow
    ) -> None:
        self._judge = judge.judge
        self._window = window
        self._rulings = rulings
        self._catalogue = catalogue

    def judge(self, submission: Submission, scan: Scan) -> Judgement:
        """The judgement on one submission; of what is not judged that nothing was found."""
        if scan.surface is None:
            return self._judge("", submission.surface)
        return self._judge(submission.text, scan.surface)

    async def judge_all(
        self,
        tenant: Tenant,
        submissions: Sequence[Submission],
        scans: Sequence[Scan],
        now: datetime,
    ) -> list[Judgement]:
        """The judgements on submissions, in their order, others let in between."""
        judgements = []
        judged = 0
        for submission, scan in zip(submissions, scans, strict=True):
            if judged > LONG_BATCH:
                await asyncio.sleep(0)
                judged = 0
            judged += len(submission.text)
            judgements.append(self.judge(submission, scan))
        judgements = await self._join(tenant, submissions, judgements, now)
        return await self.heed(tenant, submissions, judgements, now)

    async def _join(
        self,
        tenant: Tenant,
        submissions: Sequence[Submission],
        judgements: Sequence[Judgement],
        now: datetime,
    ) -> list[Judgement]:
        """The judgements with what crosses from message to message; `degraded` says where the
        window was away, and messages were judged by themselves."""
        joined = list(judgements)
        talks = {
            at: talk
            for at, submission in enumerate(submissions)
            if (talk := talk_of(tenant.id, submission)) is not None
        }
        if not talks:
            return joined
        messages = [
            (talk, Said.end_of(submissions[at].data_id or "", submissions[at].text))
            for at, talk in talks.items()
        ]
        try:
            heard = await self._window.add_all(messages, now)
        except JoinError:
            for at in talks:
                degraded = (*joined[at].degraded, "joined")
                joined[at] = msgspec.structs.replace(joined[at], degraded=degraded)
            return joined
        for at, earlier in zip(talks, heard, strict=True):
            submission = submissions[at]
            if earlier:
                joined[at] = judge_joint(
                    self._judge,
                    earlier,
                    submission.data_id or "",
                    submission.text,
                    submission.surface,
                    joined[at],
                    self._catalogue,
                )
        return joined

    async def heed(
        self,
        tenant: Tenant,
        submissions: Sequence[Submission],
        judgements: Sequence[Judgement],
        now: datetime,
    ) -> list[Judgement]:
        """The judgements without what people have cleared of the same content and account.

        Only what is not allowed is looked up.
        """
        heeded = list(judgements)
        digests = {
            at: digest_content(submissions[at], tenant.digest_key)
            for at, judgement in enumerate(judgements)
            if judgement.verdict is not Verdict.ALLOW
        }
        if not digests:
            return heeded
        try:
            cleared = await self._rulings.cleared(tenant.id, list(digests.values()), now)
        except StorageError:
            return heeded  # what is not allowed cannot be recorded either: nothing comes of it
        for at, digest in digests.items():
            if labels := cleared.get(digest):
                heeded[at] = heed(heeded[at], labels, self._catalogue)
        return heeded
