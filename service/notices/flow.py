"""Notices are given to channels, and count as delivered by what is heard of those.

All of it in the caller's transaction, each step with its row of the audit. Channels are tried in
the order of the chain until one delivers; `service/notices/jobs.py` asks for the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Connection

from service.kernel.audit import MACHINE, SCHEDULER, Actor, Json, record
from service.kernel.ids import new_id
from service.notices import store
from service.notices.calendar.delivery import Moment, deem
from service.notices.calendar.model import Calendar
from service.notices.chain import CHANNELS
from service.notices.model import (
    DELIVERIES,
    Delivery,
    DeliveryEvent,
    DeliveryState,
    NoNotice,
    Notice,
    WrongReceipt,
)
from service.notices.telling import ask_next

SLACK: Final = timedelta(minutes=5)
"""By how much the host's clock may differ from ours."""

Deemed = Callable[[Connection, Notice, datetime], object]
"""Told of a notice whose deemed delivery became known, or was counted anew."""


@dataclass(frozen=True, slots=True)
class Counting:
    """By what deliveries are counted, and who is told of it (in the same transaction)."""

    calendar: Calendar
    told: Sequence[Deemed] = ()


def hand_over(conn: Connection, notice: Notice, channel: str, now: datetime) -> Delivery:
    """Note that a channel has been given the notice; its receipt is awaited."""
    delivery = _new(notice, channel, now)
    store.put_delivery(conn, delivery, is_new=True)
    _record(conn, delivery, "handed", MACHINE, now)
    return delivery


def hear(
    conn: Connection,
    tenant_id: str,
    notice_id: str,
    channel: str,
    event: DeliveryEvent,
    *,
    at: datetime,
    now: datetime,
    counting: Counting,
    actor: Actor = MACHINE,
    error: str | None = None,
) -> Notice:
    """Take what is heard of a channel; the notice as it stands then.

    The first word that a channel's rule counts fixes the deemed delivery for good; of the same
    word twice, and of `sent` after `delivered`, the second changes nothing. After a failure the
    next channel's turn comes, unless the notice is delivered. Raises `NoNotice`, `WrongReceipt`
    for a time that cannot be or a channel that is none, and `IllegalMove` for a failure after
    delivery.
    """
    notice = store.get(conn, tenant_id, notice_id, lock=True)
    if notice is None:
        raise NoNotice("notice: there is none of this id for this tenant")
    if channel not in CHANNELS:
        raise WrongReceipt(f"channel: one of {', '.join(CHANNELS)}", "channel")
    if not notice.created_at - SLACK <= at <= now + SLACK:
        raise WrongReceipt("at: before the notice was written, or in the future", "at")
    at = min(max(at, notice.created_at), now)
    found = _of_channel(conn, notice, channel)
    was = found or _new(notice, channel, now)
    if _says_nothing_new(was.state, event):
        return notice
    moved = msgspec.structs.replace(
        was,
        state=DELIVERIES.next(was.state, event),
        updated_at=now,
        error=error if event is DeliveryEvent.FAIL else None,
    )
    if event is not DeliveryEvent.FAIL and moved.deemed_at is None:
        moved = _count(moved, event, at, counting.calendar)
    store.put_delivery(conn, moved, is_new=found is None)
    _record(conn, moved, _SAID[event], actor, now)
    if notice.deemed_at is None and moved.deemed_at is not None:
        return _deliver(conn, notice, moved, counting, actor, now)
    if event is DeliveryEvent.FAIL and notice.deemed_at is None:
        ask_next(conn, notice, now)
    return notice


def give_up_silent(
    conn: Connection, now: datetime, limit: int, *, patience: timedelta, counting: Counting
) -> int:
    """Go on to the next channel where one was not heard of for long; how many it was."""
    found = store.silent(conn, now - patience, limit)
    for delivery in found:
        hear(
            conn,
            delivery.tenant_id,
            delivery.notice_id,
            delivery.channel,
            DeliveryEvent.FAIL,
            at=now,
            now=now,
            counting=counting,
            actor=SCHEDULER,
            error="no_receipt",
        )
    return len(found)


def count_anew(conn: Connection, now: datetime, limit: int, *, counting: Counting) -> int:
    """Count by the present calendar what another one counted provisionally; how many it was."""
    found = store.provisional(conn, counting.calendar.version, limit)
    for notice in found:
        for delivery in store.deliveries_of(conn, notice.tenant_id, notice.id):
            if delivery.provisional and delivery.happened_at and delivery.rule:
                moment = deem(delivery.happened_at, delivery.rule, counting.calendar)
                delivery = _at(delivery, moment)
                store.put_delivery(conn, delivery, is_new=False)
            if delivery.channel == notice.channel:
                _deliver(conn, notice, delivery, counting, SCHEDULER, now, said="counted_anew")
    return len(found)


def _deliver(
    conn: Connection,
    notice: Notice,
    delivery: Delivery,
    counting: Counting,
    actor: Actor,
    now: datetime,
    *,
    said: str = "deemed",
) -> Notice:
    """Let a delivery say when the notice counts as delivered."""
    told = msgspec.structs.replace(
        notice,
        deemed_at=delivery.deemed_at,
        rule=delivery.rule,
        channel=delivery.channel,
        happened_at=delivery.happened_at,
        calendar=delivery.calendar,
        provisional=delivery.provisional,
    )
    store.change(conn, told)
    _record(conn, delivery, said, actor, now)
    for tell in counting.told:
        tell(conn, told, now)
    return told


def _new(notice: Notice, channel: str, now: datetime) -> Delivery:
    return Delivery(
        tenant_id=notice.tenant_id,
        id=new_id(now),
        notice_id=notice.id,
        channel=channel,
        state=DELIVERIES.initial,
        created_at=now,
        updated_at=now,
    )


def _of_channel(conn: Connection, notice: Notice, channel: str) -> Delivery | None:
    found = store.deliveries_of(conn, notice.tenant_id, notice.id)
    return next((delivery for delivery in found if delivery.channel == channel), None)


def _says_nothing_new(state: DeliveryState, event: DeliveryEvent) -> bool:
    if state is DeliveryState.DELIVERED:
        return event is not DeliveryEvent.FAIL
    return state is _REACHED.get(event)


def _count(delivery: Delivery, event: DeliveryEvent, at: datetime, calendar: Calendar) -> Delivery:
    rule = CHANNELS[delivery.channel].rules.get(event)
    if rule is None:
        return delivery
    counted = msgspec.structs.replace(delivery, happened_at=at, rule=rule)
    return _at(counted, deem(at, rule, calendar))


def _at(delivery: Delivery, moment: Moment) -> Delivery:
    return msgspec.structs.replace(
        delivery,
        deemed_at=moment.at,
        calendar=moment.version,
        provisional=moment.provisional,
    )


_REACHED: Final = {
    DeliveryEvent.SEND: DeliveryState.SENT,
    DeliveryEvent.FAIL: DeliveryState.FAILED,
}
_SAID: Final = {
    DeliveryEvent.SEND: "sent",
    DeliveryEvent.DELIVER: "delivered",
    DeliveryEvent.FAIL: "failed",
}


def _record(conn: Connection, delivery: Delivery, said: str, actor: Actor, now: datetime) -> None:
    detail: dict[str, Json] = {"channel": delivery.channel, "state": delivery.state.value}
    if delivery.deemed_at is not None:
        detail |= {
            "deemed_at": delivery.deemed_at.isoformat(),
            "rule": delivery.rule,
            "calendar": delivery.calendar,
        }
    if delivery.error is not None:
        detail["error"] = delivery.error
    record(
        conn,
        tenant_id=delivery.tenant_id,
        now=now,
        actor=actor,
        action=f"notice.{said}",
        subject=("notice", delivery.notice_id),
        detail=detail,
    )
