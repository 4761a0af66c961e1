"""`system_message`: the platform's own messages to an account."""

from __future__ import annotations

from collections.abc import Mapping

from service.notices.model import ELECTRONIC, Channel, Via


def find_recipient(account_id: str, _contacts: Mapping[str, str]) -> str | None:
    """Whom it reaches."""
    return account_id


CHANNEL = Channel("system_message", Via.HOST, find_recipient, ELECTRONIC)
