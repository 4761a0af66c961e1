"""What comes of a submission: the decision made for it, and whether it stands.

Nothing here knows the network or the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from service.access.model import Tenant
from service.decisions.model import Decision
from service.decisions.store import AllowRow
from service.decisions.view import NOTHING, Attached
from service.kernel.db import StorageError
from service.kernel.ids import new_id
from service.moderation.content import digest_content, is_sampled, keeps_text
from service.moderation.model import Submission
from service.moderation.scanning import Scan
from service.policy.model import Judgement, Verdict

TEXT_KEPT: Final = timedelta(days=180)
"""How long the text of a review or block decision is kept at least."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision that stands, with its measures and case as they stand.

    `replay` says that it stood before this submission.
    """

    decision: Decision
    replay: bool = False
    attached: Attached = NOTHING


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A verdict that must be recorded to hold and could not be, and why."""

    verdict: Verdict
    trouble: StorageError


Outcome = Recorded | Unrecorded


@dataclass(frozen=True, slots=True)
class Step:
    """A submission with its decision, and how it was judged.

    `replay`: the decision is that of an equal submission before; `stands`: which was not of this
    batch. `lifts`: the revision before was not allowed.
    """

    tenant: Tenant
    submission: Submission
    decision: Decision
    scan: Scan
    replay: bool = False
    stands: bool = False
    lifts: bool = False

    @property
    def must_be_durable(self) -> bool:
        """Whether the answer may leave only after the commit."""
        return not self.replay and (self.lifts or self.decision.verdict is not Verdict.ALLOW)


def kept_row(step: Step) -> AllowRow:
    """A step's decision with the text that is kept, and until when."""
    decision = step.decision
    if decision.verdict is Verdict.ALLOW:
        return kept_allow_row(step.tenant, step.submission, decision)
    kept = TEXT_KEPT if keeps_text(step.submission) else step.scan.kept
    if kept is None:
        return decision, None, None
    return decision, step.submission.text, decision.decided_at + kept


def kept_allow_row(tenant: Tenant, submission: Submission, decision: Decision) -> AllowRow:
    """An allow decision, with its text when the tenant keeps a sample and this is in it."""
    rate = tenant.allow_sample_rate
    if rate and is_sampled(decision.content_digest, rate) and keeps_text(submission):
        days = timedelta(days=tenant.allow_sample_ttl_days)
        return decision, submission.text, decision.decided_at + days
    return decision, None, None


def compose(
    tenant: Tenant,
    submission: Submission,
    judgement: Judgement,
    now: datetime,
    earlier: Decision | None,
    *,
    store_away: bool = False,
) -> Decision:
    """The automatic decision on a submission: the first on its content, or the one after `earlier`.

    With `store_away` an allow says so: it will be written later.
    """
    account = submission.account
    occurred_at = submission.occurred_at
    degraded = judgement.degraded
    if store_away and judgement.verdict is Verdict.ALLOW:
        degraded = (*degraded, "store")
    return Decision(
        id=new_id(now),
        tenant_id=tenant.id,
        data_id=submission.data_id,
        revision=1 if earlier is None else earlier.revision + 1,
        previous_decision_id=None if earlier is None else earlier.id,
        supersedes=None,
        content_digest=digest_content(submission, tenant.digest_key),
        surface=submission.surface,
        account_id=None if account is None else account.id,
        enterprise_id=None if account is None else account.enterprise_id,
        conversation_id=submission.conversation_id,
        verdict=judgement.verdict,
        categories=judgement.categories,
        reasons=judgement.reasons,
        versions=judgement.versions,
        degraded=degraded,
        automated=True,
        occurred_at=now if occurred_at is None else occurred_at.astimezone(UTC),
        decided_at=now,
    )
