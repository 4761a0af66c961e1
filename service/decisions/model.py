"""A decision: the record of a judgement. Never edited, only superseded (contract, section 1)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from service.policy.model import Category, Reasons, Verdict, Versions


class Cut(msgspec.Struct, frozen=True):
    """Where a part of a file stands in the text that is kept of the file: code points, half-open.

    `kind` is that of `service.uploads.parts.Part`.
    """

    part: str
    kind: str
    start: int
    end: int


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision about one revision of one content.

    `revision` counts the contents seen under one `data_id`, from 1; it is 1 where no `data_id`
    was given. `content_digest` is an HMAC of text, surface and account with the tenant's key:
    equal content, equal digest. Several decisions may stand for one revision (a person's
    supersedes the automatic one); the newest counts. Times are UTC.
    """

    id: str
    tenant_id: str
    data_id: str | None
    revision: int
    previous_decision_id: str | None
    supersedes: str | None
    content_digest: bytes
    surface: str
    account_id: str | None
    enterprise_id: str | None
    conversation_id: str | None
    verdict: Verdict
    categories: tuple[Category, ...]
    reasons: Reasons
    versions: Versions
    degraded: tuple[str, ...]
    automated: bool
    occurred_at: datetime
    decided_at: datetime
