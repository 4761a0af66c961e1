"""What is judged on which surface: an enterprise's own records are not the platform's to read.

Articles 4.6 and 5.3: notes, documents and files are confidential records of the enterprise; they
are judged only for what an enterprise's scan policy instructs, by default for crime and attacks.
"""

from __future__ import annotations

CONFIDENTIAL = frozenset(
    {"crm.note", "deals.note", "followup.note", "office.document", "drive.file"}
)
"""Surfaces whose text is an enterprise's confidential record."""

_SCANNED_BY_DEFAULT = ("3.4.1.7/", "3.4.2.")


def is_judged(label: str, surface: str) -> bool:
    """Whether `label` is looked for on `surface` when the enterprise has instructed nothing."""
    return surface not in CONFIDENTIAL or label.startswith(_SCANNED_BY_DEFAULT)
