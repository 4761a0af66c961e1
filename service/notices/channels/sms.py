"""`sms`: a text message, which the host has sent."""

from __future__ import annotations

from collections.abc import Mapping

from service.notices.model import ELECTRONIC, Channel, Via


def find_recipient(_account_id: str, contacts: Mapping[str, str]) -> str | None:
    """Whom it reaches."""
    return contacts.get("sms") or contacts.get("phone")


CHANNEL = Channel("sms", Via.HOST, find_recipient, ELECTRONIC)
