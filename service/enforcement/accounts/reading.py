"""Bytes of a request → facts about an account, refusing whatever cannot be."""

from __future__ import annotations

import re
from typing import Final

from service.enforcement.accounts.model import MOST_CONTACTS, MOST_COUNT, MOST_REFS, Facts
from service.enforcement.events.reading import check_text
from service.kernel.problems import invalid
from service.kernel.strict_json import StrictDecoder, duplicate_keys, has_duplicate_keys

MAX_BODY: Final = 256 * 1024
"""Largest body in bytes."""

_CHANNEL: Final = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)


def read_facts(body: bytes) -> Facts:
    """The facts in `body`; raises `Problem` for anything else."""
    facts = _decode(body)
    if has_duplicate_keys(body):  # of the contacts, whose keys are the host's
        raise duplicate_keys()
    _check_told("/open_transactions", facts.open_transactions)
    _check_told("/disputes", facts.disputes)
    if len(facts.contacts) > MOST_CONTACTS:
        raise invalid("/contacts", "too_long", f"/contacts: name at most {MOST_CONTACTS}")
    for channel, address in facts.contacts.items():
        if not _CHANNEL.fullmatch(channel):
            raise invalid(
                "/contacts", "invalid", "/contacts: name channels like email, sms or wechat_work"
            )
        check_text(f"/contacts/{channel}", address)
    return facts


def _check_told(pointer: str, told: int | tuple[str, ...]) -> None:
    if isinstance(told, int):
        if not 0 <= told <= MOST_COUNT:
            raise invalid(pointer, "out_of_range", f"{pointer}: use 0 to {MOST_COUNT}")
        return
    if len(told) > MOST_REFS:
        raise invalid(
            pointer, "too_long", f"{pointer}: name at most {MOST_REFS}, or send their number"
        )
    for at, ref in enumerate(told):
        check_text(f"{pointer}/{at}", ref)


_decode = StrictDecoder(Facts).decode
