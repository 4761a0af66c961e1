"""A claim that ends by itself: whether it has, and whose it is. Cases and appeals are claimed."""

from __future__ import annotations

from datetime import datetime


def has_ended(lease_until: datetime | None, now: datetime) -> bool:
    """Whether a claim that runs until a time has ended, noted or not."""
    return lease_until is not None and lease_until <= now


def is_whose(
    holder_id: str | None, lease_until: datetime | None, person_id: str | None, now: datetime
) -> bool:
    """Whether a claim is this person's and still runs."""
    return person_id is not None and holder_id == person_id and not has_ended(lease_until, now)
