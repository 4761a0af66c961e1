"""`email`: our own mail, by SMTP, to the address that the host knows."""

from __future__ import annotations

from collections.abc import Mapping

from service.notices.model import ELECTRONIC, Channel, Via


def find_recipient(_account_id: str, contacts: Mapping[str, str]) -> str | None:
    """Whom it reaches."""
    return contacts.get("email")


CHANNEL = Channel("email", Via.MAIL, find_recipient, ELECTRONIC)
