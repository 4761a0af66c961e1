"""Judges submissions, and hears first what people have said of the same contents."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from service.access.model import Tenant
from service.kernel.db import StorageError
from service.moderation.content import digest_content
from service.moderation.model import Submission
from service.moderation.rulings import heed
from service.moderation.scanning import Scan
from service.policy.catalogue import Catalogue
from service.policy.model import Judgement, Verdict

LONG_BATCH: Final = 2_000
"""Code points judged in one go before other requests get their turn."""


class Judging(Protocol):
    """What judges a text (`service.detection.judge.Judge`)."""

    def judge(self, text: str, surface: str = ...) -> Judgement: ...


class Clearing(Protocol):
    """What finds rulings (`service.moderation.lookups.Lookups`)."""

    async def cleared(
        self, tenant_id: str, digests: Sequence[bytes], now: datetime
    ) -> Mapping[bytes, frozenset[str]]: ...


class Hearing:
    """Judges for one event loop."""

    def __init__(self, judge: Judging, rulings: Clearing, catalogue: Catalogue) -> None:
        self._judge = judge.judge
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
        return await self.heed(tenant, submissions, judgements, now)

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
