"""What is judged on which surface: an enterprise's own records are not the platform's to read.

Articles 4.6 and 5.3: notes, documents and files are confidential records of the enterprise; they
are judged only for what an enterprise's scan policy instructs, by default for crime and attacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from service.policy.measures import Function

CONFIDENTIAL = frozenset(
    {"crm.note", "deals.note", "followup.note", "office.document", "drive.file"}
)
"""Surfaces whose text is an enterprise's confidential record."""

_SCANNED_BY_DEFAULT = ("3.4.1.7/", "3.4.2.")


def is_judged(label: str, surface: str) -> bool:
    """Whether `label` is looked for on `surface` when the enterprise has instructed nothing."""
    return surface not in CONFIDENTIAL or label.startswith(_SCANNED_BY_DEFAULT)


FUNCTIONS: Final[Mapping[str, tuple[Function, ...]]] = MappingProxyType(
    {
        "im.message": (Function.IM_SEND,),
        "im.group_profile": (Function.IM_CREATE_GROUP,),
        "drive.file": (Function.DRIVE_UPLOAD,),
        "drive.share_title": (Function.DRIVE_SHARE,),
        "leads.outreach": (Function.LEADS_OUTREACH,),
        "crm.note": (Function.CRM_WRITE,),
        "deals.note": (Function.DEALS_WRITE,),
        "followup.note": (Function.FOLLOWUP_WRITE,),
        "office.document": (Function.OFFICE_PUBLISH,),
        "office.announcement": (Function.OFFICE_PUBLISH,),
        "profile.name": (Function.ACCOUNT_PROFILE,),
        "profile.avatar": (Function.ACCOUNT_PROFILE,),
        "profile.bio": (Function.ACCOUNT_PROFILE,),
    }
)
"""The functions through which a text gets onto each surface: what a restriction is about."""


def functions_of(surface: str) -> tuple[str, ...]:
    """The functions behind a surface; none for one that is not known."""
    return tuple(function.value for function in FUNCTIONS.get(surface, ()))
