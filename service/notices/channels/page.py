"""`page`: the account's own page, last of every chain.

It counts as delivered as soon as it can be read there, whether anybody opens it or not.
"""

from __future__ import annotations

from collections.abc import Mapping

from service.notices.calendar.delivery import Rule
from service.notices.model import Channel, DeliveryEvent, Via


def find_recipient(account_id: str, _contacts: Mapping[str, str]) -> str | None:
    """Every account has one."""
    return account_id


CHANNEL = Channel("page", Via.PAGE, find_recipient, {DeliveryEvent.DELIVER: Rule.ELECTRONIC})
