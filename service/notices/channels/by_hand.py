"""`by_hand`: a person of the platform hands it over; only its receipt counts."""

from __future__ import annotations

from collections.abc import Mapping

from service.notices.calendar.delivery import Rule
from service.notices.model import Channel, DeliveryEvent, Via


def find_recipient(_account_id: str, contacts: Mapping[str, str]) -> str | None:
    """Where to find them."""
    return contacts.get("by_hand")


CHANNEL = Channel("by_hand", Via.HOST, find_recipient, {DeliveryEvent.DELIVER: Rule.BY_HAND})
