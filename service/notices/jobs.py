"""The topic `notice.send`: gives a notice to the next channel of the chain until one delivers.

What the host carries leaves as `notice.issued`, one delivery for each channel; it answers with a
receipt. Mail is sent here. The account's own page needs nothing but to be there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from sqlalchemy import Connection, Engine

from service.enforcement.accounts.store import of_account as facts_of
from service.enforcement.jobs import Source
from service.kernel import outbox
from service.kernel.audit import MACHINE
from service.kernel.backoff import backoff
from service.kernel.outbox import OutboxRow
from service.kernel.topics import Done, Later, Outcome, Topic
from service.notices import flow, store, telling
from service.notices.chain import CHANNELS, find_next
from service.notices.flow import Counting
from service.notices.links.flow import make
from service.notices.links.model import NOTICE_LASTS, derive_token
from service.notices.mail import Refused, Sent, Trouble
from service.notices.model import Channel, DeliveryEvent, DeliveryState, Notice, Via
from service.notices.rendering import render
from service.notices.view import HostNotice

HOST_TOPIC: Final = "host.deliver:notice.issued"


class Mailing(Protocol):
    """What sends mail (`service.notices.mail.Mailer`)."""

    def send(
        self, recipient: str, subject: str, body: str, *, message_id: str, now: datetime
    ) -> Sent | Refused | Trouble: ...


@dataclass(frozen=True, slots=True)
class Pages:
    """Where accounts' own pages are, and what the tokens in notices are derived from."""

    public_url: str
    secret: str

    def address(self, token: str) -> str:
        """The address of the page that a token opens."""
        return f"{self.public_url}/my/{token}"

    def token(self, tenant_id: str, delivery_id: str) -> str:
        """The token that a delivery hands out."""
        return derive_token(self.secret, tenant_id, delivery_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What sending takes; without a `mailer` the channel `email` reaches nobody."""

    chain: Sequence[Channel]
    counting: Counting
    pages: Pages
    mailer: Mailing | None = None


def send_topic(sending: Sending) -> Topic:
    """The row of the topics' table."""
    return Topic(
        name=telling.TOPIC, handle=partial(_send, sending), give_up=partial(_give_up, sending)
    )


def source(sending: Sending) -> Source:
    """`notice.issued`: what the host is to send; its `ref` is a delivery."""
    return Source(
        kind="notice",
        show=partial(_show, sending),
        given_up=partial(_host_gave_up, sending),
    )


def _send(sending: Sending, engine: Engine, row: OutboxRow, now: datetime) -> Outcome:
    with engine.connect() as conn:
        found = _find_next(conn, sending, row)
    if found is None:
        return Done()
    notice, channel, contacts = found
    if channel.via is Via.HOST:
        return Done(partial(_hand_to_host, sending, notice, channel))
    if channel.via is Via.PAGE:
        return Done(partial(_hear, sending, notice, channel, DeliveryEvent.DELIVER, now, None))
    assert sending.mailer is not None
    recipient = channel.find_recipient(notice.account_id, contacts) or ""
    subject, body = _write_mail(sending, notice)
    answer = sending.mailer.send(recipient, subject, body, message_id=notice.id, now=now)
    if isinstance(answer, Trouble):
        return Later(backoff(row.attempts), answer.code)
    if isinstance(answer, Refused):
        refused = partial(_hear, sending, notice, channel, DeliveryEvent.FAIL, now, answer.code)
        return Done(refused)
    return Done(partial(_note_mail, sending, notice, channel, now))


def _find_next(
    conn: Connection, sending: Sending, row: OutboxRow
) -> tuple[Notice, Channel, Mapping[str, str]] | None:
    """The notice of a row with the channel whose turn it is; None when there is nothing to do."""
    notice = store.get(conn, row.tenant_id, row.ref)
    if notice is None or notice.deemed_at is not None:
        return None
    chain = sending.chain
    if sending.mailer is None:
        chain = [channel for channel in chain if channel.via is not Via.MAIL]
    contacts = facts_of(conn, notice.tenant_id, notice.account_id).contacts
    tried = store.deliveries_of(conn, notice.tenant_id, notice.id)
    channel = find_next(chain, tried, notice.account_id, contacts)
    return None if channel is None else (notice, channel, contacts)


def _hand_to_host(
    sending: Sending, notice: Notice, channel: Channel, conn: Connection, now: datetime
) -> None:
    delivery = flow.hand_over(conn, notice, channel.id, now)
    _make_link(sending, conn, notice, delivery.id, now)
    outbox.put(
        conn,
        tenant_id=notice.tenant_id,
        # Of its own: a host that is away must not hold up the channels that need no host.
        subject=f"delivery:{delivery.id}",
        topic=HOST_TOPIC,
        ref=delivery.id,
        now=now,
    )


def _note_mail(
    sending: Sending,
    notice: Notice,
    channel: Channel,
    at: datetime,
    conn: Connection,
    now: datetime,
) -> None:
    _make_link(sending, conn, notice, notice.id, now)
    _hear(sending, notice, channel, DeliveryEvent.SEND, at, None, conn, now)


def _hear(
    sending: Sending,
    notice: Notice,
    channel: Channel,
    event: DeliveryEvent,
    at: datetime,
    error: str | None,
    conn: Connection,
    now: datetime,
) -> None:
    flow.hear(
        conn,
        notice.tenant_id,
        notice.id,
        channel.id,
        event,
        at=at,
        now=now,
        counting=sending.counting,
        error=error,
    )


def _give_up(sending: Sending, conn: Connection, row: OutboxRow, now: datetime) -> None:
    """Go on to the next channel where one could not be used in all its attempts."""
    found = _find_next(conn, sending, row)
    if found is not None:
        notice, channel, _ = found
        _hear(sending, notice, channel, DeliveryEvent.FAIL, now, "given_up", conn, now)


def _host_gave_up(sending: Sending, conn: Connection, row: OutboxRow, now: datetime) -> None:
    delivery = store.delivery(conn, row.tenant_id, row.ref)
    if delivery is None or delivery.state is not DeliveryState.HANDED:
        return
    notice = store.get(conn, row.tenant_id, delivery.notice_id)
    if notice is not None:
        channel = CHANNELS[delivery.channel]
        _hear(sending, notice, channel, DeliveryEvent.FAIL, now, "host_given_up", conn, now)


def _show(
    sending: Sending, conn: Connection, tenant_id: str, ref: str, _event: str
) -> HostNotice | None:
    delivery = store.delivery(conn, tenant_id, ref)
    if delivery is None or delivery.state is not DeliveryState.HANDED:
        return None
    notice = store.get(conn, tenant_id, delivery.notice_id)
    if notice is None:
        return None
    contacts = facts_of(conn, tenant_id, notice.account_id).contacts
    recipient = CHANNELS[delivery.channel].find_recipient(notice.account_id, contacts)
    text = render(notice)
    return HostNotice(
        id=delivery.id,
        notice=notice.id,
        channel=delivery.channel,
        account_id=notice.account_id,
        recipient=recipient or notice.account_id,
        subject=text.subject,
        body=text.body,
        my_url=sending.pages.address(sending.pages.token(tenant_id, delivery.id)),
    )


def _make_link(
    sending: Sending, conn: Connection, notice: Notice, delivery_id: str, now: datetime
) -> None:
    make(
        conn,
        tenant_id=notice.tenant_id,
        account_id=notice.account_id,
        actor=MACHINE,
        now=now,
        lasts=NOTICE_LASTS,
        token=sending.pages.token(notice.tenant_id, delivery_id),
    )


def _write_mail(sending: Sending, notice: Notice) -> tuple[str, str]:
    """Subject and body of a mail: Chinese first, since it prevails."""
    text = render(notice)
    address = sending.pages.address(sending.pages.token(notice.tenant_id, notice.id))
    body = "\n\n".join(
        (
            text.body.zh_cn,
            f"个人页面：{address}",
            "————————",
            text.body.en,
            f"Your own page: {address}",
        )
    )
    return f"{text.subject.zh_cn} / {text.subject.en}", body + "\n"
