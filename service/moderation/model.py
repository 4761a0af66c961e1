"""A submission: one text that a tenant sends for moderation (contract, section 3)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

MAX_TEXT = 20_000
"""Longest text in code points that the door takes."""


class Surface(StrEnum):
    """Where in the platform a text stands (article 3.1.1)."""

    IM_MESSAGE = "im.message"
    IM_GROUP_PROFILE = "im.group_profile"
    DRIVE_FILE = "drive.file"
    DRIVE_SHARE_TITLE = "drive.share_title"
    LEADS_OUTREACH = "leads.outreach"
    CRM_NOTE = "crm.note"
    DEALS_NOTE = "deals.note"
    FOLLOWUP_NOTE = "followup.note"
    OFFICE_DOCUMENT = "office.document"
    OFFICE_ANNOUNCEMENT = "office.announcement"
    PROFILE_NAME = "profile.name"
    PROFILE_AVATAR = "profile.avatar"
    PROFILE_BIO = "profile.bio"


class AccountKind(StrEnum):
    """What kind of user an account is (the agreement's definitions)."""

    END_USER = "end_user"
    ADMINISTRATOR = "administrator"
    PERSONAL = "personal"


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose text it is, by the tenant's own ids."""

    id: str
    kind: AccountKind = AccountKind.END_USER
    enterprise_id: str | None = None


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One item of `POST /v1/moderations`; only `text` is required."""

    text: str
    data_id: str | None = None
    surface: Surface = Surface.IM_MESSAGE
    account: Account | None = None
    conversation_id: str | None = None
    occurred_at: datetime | None = None
