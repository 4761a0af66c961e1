"""A notice: what a person is told of a decision, and how each way of telling them goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from service.kernel.machine import Machine
from service.notices.calendar.delivery import Rule

APPEAL_DAYS: Final = 20
"""Natural days after deemed delivery in which a decision may be appealed."""


class NoticeKind(StrEnum):
    """What a notice is about; each kind has templates of its own.

    `decision`: measures against the person, or what they are asked to explain. `lifted`: measures
    ended because a person decided so. `safeguard`: no breach, but the account must be confirmed.
    `appeal`: what became of an appeal. `claim`: somebody claims infringement, nothing is
    decided. `changed`: a person ended a measure early or extended it, outside a case.
    Of enterprises: `people` tells administrators of measures against theirs, `inside` an account of
    what an administrator ordered, `objection` and `answered` what the two then say.
    """

    DECISION = "decision"
    LIFTED = "lifted"
    SAFEGUARD = "safeguard"
    APPEAL = "appeal"
    CLAIM = "claim"
    CHANGED = "changed"
    PEOPLE = "people"
    INSIDE = "inside"
    OBJECTION = "objection"
    ANSWERED = "answered"


class By(StrEnum):
    """Who found or decided something."""

    MACHINE = "machine"
    PERSON = "person"


class Said(msgspec.Struct, frozen=True):
    """A text in both languages of the agreement; zh-CN prevails (article 10.2)."""

    zh_cn: str = msgspec.field(name="zh-CN")
    en: str = ""


class Part(msgspec.Struct, frozen=True):
    """A stretch of the person's own text; `marked` where it is what the decision rests on."""

    text: str
    marked: bool = False


class SaidClause(msgspec.Struct, frozen=True):
    """A clause that was breached: the label's title, and the clause as the agreement has it."""

    clause: str
    title: Said
    wording: Said


class SaidMeasure(msgspec.Struct, frozen=True):
    """A measure as it was ordered; `ends_at` None is no end."""

    id: str
    type: str
    functions: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the person is asked to explain, and the measure announced for the case of silence.

    `lapse_term` is an ISO 8601 duration, None for without end.
    """

    request_id: str
    questions: tuple[str, ...]
    documents: tuple[str, ...]
    period_days: int
    lapse_type: str | None = None
    lapse_functions: tuple[str, ...] = ()
    lapse_term: str | None = None


class RuledOn(msgspec.Struct, frozen=True):
    """How an appeal ended, why in the words of whoever closed it, and what is left to do."""

    outcome: Said
    reasons: str
    remedy: Said


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a notice says, as it was when it was written; a template turns it into words.

    It holds nothing that is not for the person concerned: no score, no list entry, no reviewer, no
    reporter. `is_reference`: the Chinese of the clauses is our own rendering. `lapsed`: the
    measures are those announced for the case that nothing is explained. `about` is the account that
    an administrator is told of, or the enterprise that ordered something.
    """

    agreement: str
    is_reference: bool = False
    clauses: tuple[SaidClause, ...] = ()
    surface: str = ""
    occurred_at: datetime
    decided_at: datetime
    excerpt: tuple[Part, ...] = ()
    found_by: By = By.MACHINE
    decided_by: By = By.MACHINE
    measures: tuple[SaidMeasure, ...] = ()
    lifted: tuple[SaidMeasure, ...] = ()
    asked: Asked | None = None
    lapsed: bool = False
    ruled: RuledOn | None = None
    about: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One notice to one account. Never changed but by its delivery.

    `template` is the kind's template with its version (`decision-1`). `deemed_at` is the deemed
    delivery (8.3) by `rule`, through `channel`, counted by the calendar of version `calendar`; all
    None until it is delivered. `provisional`: that calendar was not official.
    """

    tenant_id: str
    id: str
    kind: NoticeKind
    template: str
    decision_id: str | None
    account_id: str
    facts: Facts
    created_at: datetime
    deemed_at: datetime | None = None
    rule: Rule | None = None
    channel: str | None = None
    happened_at: datetime | None = None
    calendar: str | None = None
    provisional: bool = False


class DeliveryState(StrEnum):
    """Where one way of telling somebody stands."""

    HANDED = "handed"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class DeliveryEvent(StrEnum):
    """What is heard of it. `fail` may be wrong: whoever was silent may still say it was sent."""

    SEND = "send"
    DELIVER = "deliver"
    FAIL = "fail"


_S = DeliveryState
_E = DeliveryEvent

DELIVERIES: Final[Machine[DeliveryState, DeliveryEvent]] = Machine(
    "notice_delivery",
    {
        (_S.HANDED, _E.SEND): _S.SENT,
        (_S.HANDED, _E.DELIVER): _S.DELIVERED,
        (_S.HANDED, _E.FAIL): _S.FAILED,
        (_S.SENT, _E.DELIVER): _S.DELIVERED,
        (_S.SENT, _E.FAIL): _S.FAILED,
        (_S.FAILED, _E.SEND): _S.SENT,
        (_S.FAILED, _E.DELIVER): _S.DELIVERED,
    },
    final=frozenset({_S.DELIVERED}),
)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One way of telling somebody: `channel` is tried once for a notice.

    `happened_at` is when it was sent, posted or handed over, `deemed_at` when that counts as
    delivered, by `rule`. `error` is a code.
    """

    tenant_id: str
    id: str
    notice_id: str
    channel: str
    state: DeliveryState
    created_at: datetime
    updated_at: datetime
    happened_at: datetime | None = None
    deemed_at: datetime | None = None
    rule: Rule | None = None
    calendar: str | None = None
    provisional: bool = False
    error: str | None = None


class Via(StrEnum):
    """Who carries a notice: the host, our own mail, or the page that the person opens."""

    HOST = "host"
    MAIL = "mail"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel; `id` is the name of its file.

    `find_recipient(account_id, contacts)` gives whom it reaches, None when it cannot reach them.
    `rules` are the receipts that make it count as delivered, each with its paragraph of 8.3.
    """

    id: str
    via: Via
    find_recipient: Callable[[str, Mapping[str, str]], str | None]
    rules: Mapping[DeliveryEvent, Rule]


ELECTRONIC: Final[Mapping[DeliveryEvent, Rule]] = MappingProxyType(
    {DeliveryEvent.SEND: Rule.ELECTRONIC, DeliveryEvent.DELIVER: Rule.ELECTRONIC}
)
"""On successful sending: the first receipt that says so."""


class NoticeError(Exception):
    """What notices refuse; the message says what to do and quotes nobody."""

    code = "not_found"


class NoNotice(NoticeError):
    """There is no notice of that id in this tenant."""


class WrongReceipt(NoticeError):
    """A receipt that cannot be; `field` says where."""

    code = "invalid_request"

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field
