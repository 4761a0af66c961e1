"""A notice as the API shows it, and as the host is told of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from service.notices.calendar.delivery import Rule
from service.notices.model import Asked, By, Delivery, DeliveryState, Notice, NoticeKind, Said
from service.notices.rendering import render


class DeliveryView(msgspec.Struct, frozen=True):
    """One channel; `at` is when it was sent, posted or handed over, as its receipt says.

    `deemed_at` is when that counts as delivered, by `rule` (a paragraph of Article 8.3) and the
    calendar of version `calendar`; `provisional` when that year's arrangement is not official.
    """

    channel: str
    state: DeliveryState
    at: datetime | None
    deemed_at: datetime | None
    rule: Rule | None
    calendar: str | None
    provisional: bool
    error: str | None


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """What `GET /v1/notices/{id}` answers; zh-CN prevails.

    `found_by` and `decided_by` say whether it was a machine. `measures` are ids. `deemed_at` is
    the deemed delivery from which periods count, through `channel` by `rule`; null until then.
    """

    id: str
    kind: NoticeKind
    template: str
    decision_id: str | None
    account_id: str
    subject: Said
    body: Said
    agreement: str
    found_by: By
    decided_by: By
    measures: tuple[str, ...]
    explanation_request_id: str | None
    deemed_at: datetime | None
    rule: Rule | None
    channel: str | None
    calendar: str | None
    provisional: bool
    deliveries: tuple[DeliveryView, ...]
    created_at: datetime


class HostNotice(msgspec.Struct, frozen=True, kw_only=True):
    """The `data` of `notice.issued`: send this by that channel, and answer with a receipt.

    `id` is the delivery's: each channel that is tried for a notice is a task of its own.
    `recipient` is the account's id, or the address that the host has told of.
    """

    id: str
    notice: str
    channel: str
    account_id: str
    recipient: str
    subject: Said
    body: Said
    my_url: str


def show(notice: Notice, deliveries: list[Delivery], *, redacted: bool = False) -> NoticeView:
    """A notice; `redacted` without the person's own text."""
    text = render(notice, redacted=redacted)
    facts = notice.facts
    asked: Asked | None = facts.asked
    return NoticeView(
        id=notice.id,
        kind=notice.kind,
        template=notice.template,
        decision_id=notice.decision_id,
        account_id=notice.account_id,
        subject=text.subject,
        body=text.body,
        agreement=facts.agreement,
        found_by=facts.found_by,
        decided_by=facts.decided_by,
        measures=tuple(measure.id for measure in facts.measures),
        explanation_request_id=None if asked is None else asked.request_id,
        deemed_at=notice.deemed_at,
        rule=notice.rule,
        channel=notice.channel,
        calendar=notice.calendar,
        provisional=notice.provisional,
        deliveries=tuple(map(show_delivery, deliveries)),
        created_at=notice.created_at,
    )


def show_delivery(delivery: Delivery) -> DeliveryView:
    """One channel of a notice."""
    return DeliveryView(
        delivery.channel,
        delivery.state,
        delivery.happened_at,
        delivery.deemed_at,
        delivery.rule,
        delivery.calendar,
        delivery.provisional,
        delivery.error,
    )


encode: Final = msgspec.json.Encoder().encode
