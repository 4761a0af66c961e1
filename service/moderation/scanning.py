"""How a submission is judged: as its surface demands, or as an enterprise instructs for its own
confidential records (4.6, 5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from service.enterprises.model import ScanPolicy, Scope
from service.moderation.model import Submission, Surface
from service.policy.surfaces import CONFIDENTIAL


class Policing(Protocol):
    """What finds policies (`service.enterprises.policies.Policies`)."""

    async def find(
        self, tenant_id: str, enterprise_ids: Sequence[str]
    ) -> Mapping[str, ScanPolicy]: ...


@dataclass(frozen=True, slots=True)
class Scan:
    """`surface` is the one that the text is judged as, None when it is not judged at all. `kept` is
    how long the text of what was found is kept, where that is the enterprise's to say."""

    surface: str | None
    kept: timedelta | None = None


_SCANS: Final[Mapping[str, Scan]] = {surface.value: Scan(surface.value) for surface in Surface}
_OPEN: Final = Surface.IM_MESSAGE.value
"""A surface on which every label is judged."""


async def find_scans(
    policies: Policing, tenant_id: str, submissions: Sequence[Submission]
) -> list[Scan]:
    """How each submission is judged; asks nobody where none is an enterprise's record."""
    owners = [owner_of(submission) for submission in submissions]
    asked = [owner for owner in owners if owner is not None]
    if not asked:
        return [_SCANS[submission.surface] for submission in submissions]
    found = await policies.find(tenant_id, asked)
    return [
        _SCANS[submission.surface] if owner is None else _follow(found[owner], submission.surface)
        for submission, owner in zip(submissions, owners, strict=True)
    ]


def owner_of(submission: Submission) -> str | None:
    """The enterprise whose confidential record it is; None for what is not confidential."""
    account = submission.account
    if account is None or submission.surface not in CONFIDENTIAL:
        return None
    return account.enterprise_id


def _follow(policy: ScanPolicy, surface: str) -> Scan:
    scope = policy.scope_of(surface)
    if scope is Scope.NOTHING:
        return Scan(None)
    return Scan(_OPEN if scope is Scope.EVERYTHING else surface, policy.kept)
