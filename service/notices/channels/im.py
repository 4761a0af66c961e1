"""`im`: an instant messenger, by which the host sends."""

from __future__ import annotations

from collections.abc import Mapping

from service.notices.model import ELECTRONIC, Channel, Via


def find_recipient(_account_id: str, contacts: Mapping[str, str]) -> str | None:
    """Whom it reaches."""
    return contacts.get("im")


CHANNEL = Channel("im", Via.HOST, find_recipient, ELECTRONIC)
