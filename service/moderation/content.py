"""What can be said of a submission's content before it is judged: is it there, and is it equal.

Nothing here knows the network, the store or the clock.
"""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

from service.moderation.model import Submission, Surface
from service.policy.surfaces import CONFIDENTIAL

NEEDS_VISIBLE = frozenset({Surface.IM_MESSAGE, Surface.IM_GROUP_PROFILE, Surface.LEADS_OUTREACH})
"""Surfaces on which a text without a visible character is refused."""

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
"""Controls, formats, surrogates and separators. Unassigned code points (Cn) count as seen: they
may be assigned, and shown, by a Unicode newer than this Python's."""

_UNSEEN_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Hangul fillers and the empty Braille pattern: letters and symbols by category, yet blank."""

_SEEN_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Number and verse signs that Unicode files under Cf although they are drawn."""


def is_blank(text: str) -> bool:
    """Whether no character of `text` can be seen, the empty text included."""
    return not any(map(_is_seen, text))


def _is_seen(char: str) -> bool:
    if char in _UNSEEN_LETTERS or _is_selector(char):
        return False
    return char in _SEEN_FORMATS or unicodedata.category(char) not in _UNSEEN_CATEGORIES


def _is_selector(char: str) -> bool:
    """Marks and unassigned code points that Unicode says are never drawn (default ignorable)."""
    return (
        "\ufe00" <= char <= "\ufe0f"
        or "\U000e0000" <= char <= "\U000e0fff"
        or char in "\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f"
        or "\ufff0" <= char <= "\ufff8"
    )


def digest_content(submission: Submission, key: bytes) -> bytes:
    """A keyed BLAKE2b over text, surface and account: equal content, equal digest (32 bytes).

    The parts are preceded by their lengths, so that no two contents run into each other. Without
    the tenant's key (up to 64 bytes) nobody can try texts against the digest.
    """
    surface = submission.surface.encode()
    text = submission.text.encode()
    account = submission.account
    if account is None:
        whole = b"%d:%b%d:%b-" % (len(surface), surface, len(text), text)
    else:
        id_ = account.id.encode()
        whole = b"%d:%b%d:%b%d:%b" % (len(surface), surface, len(text), text, len(id_), id_)
    return blake2b(whole, key=key, digest_size=32).digest()


def keeps_text(submission: Submission) -> bool:
    """Whether the text itself may be kept: an enterprise's confidential records are only as long as
    the enterprise says (5.3)."""
    account = submission.account
    return not (
        submission.surface in CONFIDENTIAL and account is not None and account.enterprise_id
    )


def is_sampled(digest: bytes, rate: float) -> bool:
    """Whether a content is in the sample of a share `rate` (0 to 1): the same ones every time."""
    return rate > 0.0 and int.from_bytes(digest[:8], "big") < rate * 2**64
