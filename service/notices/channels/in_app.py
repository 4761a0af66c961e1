"""`in_app`: what an app shows on its own when it is opened."""

from __future__ import annotations

from collections.abc import Mapping

from service.notices.model import ELECTRONIC, Channel, Via


def find_recipient(account_id: str, _contacts: Mapping[str, str]) -> str | None:
    """Whom it reaches."""
    return account_id


CHANNEL = Channel("in_app", Via.HOST, find_recipient, ELECTRONIC)
