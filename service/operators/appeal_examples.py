"""Examples of appeals in the description of the API."""

from __future__ import annotations

from typing import Any, Final

from service.operators.examples import ATTACHMENT, RESULTS

_HOLDER: Final = "019aaf7e-6c00-7000-8000-000000000010"
OPEN: Final[dict[str, Any]] = {
    "id": "019aaf7e-6c00-7000-8000-000000000031",
    "decision_id": RESULTS["block"]["decision_id"],
    "case_id": "019aaf7e-6c00-7000-8000-000000000021",
    "account_id": "u-1",
    "state": "open",
    "version": 1,
    "expedited": False,
    "filed_at": "2026-11-23T08:00:00Z",
    "due_at": "2026-11-30T08:00:00Z",
    "holder_id": None,
    "lease_until": None,
    "closed_at": None,
    "outcome": None,
    "reasons": None,
    "ruling_decision_id": None,
}
MESSAGE: Final[dict[str, Any]] = {
    "id": "019aaf7e-6c00-7000-8000-000000000032",
    "author": "appellant",
    "text": "这是反赌博宣传的原文。",
    "at": "2026-11-23T08:05:00Z",
    "attachments": [],
}
CLAIMED: Final[dict[str, Any]] = OPEN | {
    "state": "claimed",
    "version": 2,
    "holder_id": _HOLDER,
    "lease_until": "2026-11-23T09:30:00Z",
    "grounds": "这是反赌博的宣传，不是广告。",
    "evidence": [],
    "attachments": [ATTACHMENT],
    "messages": [MESSAGE],
    "measures": RESULTS["block"]["measures"],
    "window_ends_at": "2026-12-14T16:00:00Z",
    "events": ["decide", "reject", "renew", "release"],
}
