"""An event that the host reports, and the rules that may speak about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from service.policy.measures import Planned
from service.policy.model import Reasons, Severity, Verdict

REGISTERED: Final = "account.registered"
LOGGED_IN: Final = "account.logged_in"
REACTIVATED: Final = "account.reactivated"

SEEN: Final = frozenset({LOGGED_IN, REACTIVATED, "upload.stored"})
"""Types of events by which an account shows that somebody uses it."""

MAX_TYPE: Final = 64
TYPE: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", re.ASCII)
"""How a type is written; which there are is open, so that rules can be added for new ones."""

MOST_COUNTED: Final = 2_000
"""Where counting ends: `count` and `accounts` of a condition are never more."""

LONGEST_WINDOW: Final = timedelta(days=7)
"""The longest time in which a rule may count."""

KEPT: Final = LONGEST_WINDOW + timedelta(days=1)
"""How long events are kept: repeated, they are known so long; older ones are not counted."""


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `POST /v1/events` takes.

    `source` is where it came from (an address, a device, an invitation), for rules that count by
    it; only a keyed digest of it is kept. The same event may be sent again: it is known by `id`,
    where one is given, otherwise by type, account, time and source together.
    """

    type: str
    account_id: str
    occurred_at: datetime
    source: str | None = None
    id: str | None = None


class By(StrEnum):
    """Over what a rule counts events: over one account's, or over those from one source."""

    ACCOUNT = "account"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a rule counted: events, and the accounts that they are about."""

    count: int
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule about events does: a decision with this label and verdict, and these measures.

    It speaks once about an account or a source, then keeps quiet for `quiet`.
    """

    clause: str
    label: str
    severity: Severity
    verdict: Verdict
    measures: tuple[Planned, ...]
    quiet: timedelta
    reasons: Reasons
