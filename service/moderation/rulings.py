"""A person's "no violation" is heard before a machine speaks again about the same content.

It holds for 90 days, for the same text on the same surface by the same account, against the labels
that it was about (contract, "Who may decide what").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from service.policy.catalogue import Catalogue
from service.policy.model import Judgement, Reasons, Verdict
from service.policy.reasons import explain

ClearedLabels = Callable[[Connection, str, bytes, datetime], frozenset[str]]
"""The labels of which people have cleared a tenant's content, by its digest, at a time."""

CLEARED: Final = Reasons(
    zh_cn="此前经人工裁定，相同内容未违反用户协议第3.4条。",
    en="A person has found that the same content does not breach Article 3.4.",
)


def read_cleared(
    conn: Connection,
    tenant_id: str,
    digests: Sequence[bytes],
    now: datetime,
    cleared_labels: ClearedLabels,
) -> dict[bytes, frozenset[str]]:
    """The labels of which people have cleared contents, by their digests."""
    return {digest: cleared_labels(conn, tenant_id, digest, now) for digest in set(digests)}


def heed(judgement: Judgement, cleared: frozenset[str], catalogue: Catalogue) -> Judgement:
    """The judgement without what was cleared: its categories stay, and are allowed."""
    categories = tuple(
        msgspec.structs.replace(found, verdict=Verdict.ALLOW)
        if f"{found.clause}/{found.label}" in cleared
        else found
        for found in judgement.categories
    )
    if categories == judgement.categories:
        return judgement
    verdict = max((found.verdict for found in categories), key=lambda v: v.rank)
    allowed = verdict is Verdict.ALLOW
    return msgspec.structs.replace(
        judgement,
        verdict=verdict,
        categories=categories,
        reasons=CLEARED if allowed else explain(verdict, categories, catalogue),
    )
