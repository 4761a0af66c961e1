"""`letter`: prepaid express or registered mail, which the host posts.

It counts from posting, on the third natural day; one that is known to have been handed over before
any word of its posting counts from then.
"""

from __future__ import annotations

from collections.abc import Mapping

from service.notices.calendar.delivery import Rule
from service.notices.model import Channel, DeliveryEvent, Via


def find_recipient(_account_id: str, contacts: Mapping[str, str]) -> str | None:
    """The postal address."""
    return contacts.get("letter")


CHANNEL = Channel(
    "letter",
    Via.HOST,
    find_recipient,
    {DeliveryEvent.SEND: Rule.LETTER, DeliveryEvent.DELIVER: Rule.BY_HAND},
)
