"""Where public training sets come from and under which licence they stand, for the card."""

from __future__ import annotations

ORIGINS = {
    "benign_cvalues": "CValues questions, Apache-2.0",
    "benign_en_sms": "English SMS, Apache-2.0",
    "benign_kdconv": "KdConv dialogues, Apache-2.0",
    "benign_nus_sms": "NUS SMS corpus, public; the texts are their senders'",
    "benign_peopledaily": (
        "People's Daily sentences from an Apache-2.0 repository; the texts are the newspaper's"
    ),
    "cold": "COLD offensive language, Apache-2.0",
    "jade": "JADE questions to a chatbot, MIT; coarse labels",
    "swsr": "SWSR sexism on Weibo, MIT",
}
"""By the name of the file that was trained on, without its ending."""

OWN = "our own sentences (models/corpus), licence of this project"


def origin_of(name: str, *, own: bool) -> str:
    """One line about a set: its origin and licence."""
    if own:
        return OWN
    return ORIGINS.get(name, "the operator's own data")
