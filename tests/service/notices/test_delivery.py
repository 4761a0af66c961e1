"""Channels are tried in order until one delivers, and each word of theirs counts by 8.3: on both
stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fixtures.cases import TENANT, record_decision
from fixtures.notices import WORDING, FakeMailer, PostOffice
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from migrations import upgrade
from service.enforcement.host import Failed
from service.kernel.audit import MACHINE, entries_of
from service.kernel.db import open_engine
from service.kernel.machine import IllegalMove
from service.notices import flow, store, telling
from service.notices.calendar.delivery import Rule, deem
from service.notices.calendar.load import load as load_calendar
from service.notices.chain import CHANNELS, read_chain
from service.notices.links.flow import open_link
from service.notices.mail import Refused, Trouble
from service.notices.model import (
    DELIVERIES,
    DeliveryEvent,
    DeliveryState,
    NoNotice,
    Notice,
    WrongReceipt,
)

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SEND, DELIVER, FAIL = DeliveryEvent.SEND, DeliveryEvent.DELIVER, DeliveryEvent.FAIL


@pytest.fixture
def office(store_engine: Engine) -> PostOffice:
    return PostOffice(store_engine, now=MONDAY, mailer=FakeMailer())


def audited(office: PostOffice, notice: Notice) -> list[str]:
    with office.engine.connect() as conn:
        return [entry.action for entry in entries_of(conn, TENANT, ("notice", notice.id))]


def test_the_first_channel_is_given_to_the_host_with_a_link_to_the_page(office: PostOffice) -> None:
    notice = office.issue()
    office.work()
    (sent,) = office.host.notices
    assert (sent.notice, sent.channel, sent.recipient) == (notice.id, "system_message", "u-1")
    assert "【坏】" in sent.body.zh_cn
    base, _, token = sent.my_url.rpartition("/")
    assert base == "https://m.example/my"
    with office.engine.connect() as conn:
        link = open_link(conn, token, office.now + timedelta(days=89))
        assert link is not None
        assert (link.tenant_id, link.account_id) == (TENANT, "u-1")
        assert open_link(conn, token, office.now + timedelta(days=90)) is None
    assert office.read(notice).deemed_at is None
    assert audited(office, notice) == ["notice.issued", "notice.handed"]


def test_the_first_receipt_that_counts_fixes_the_deemed_delivery(office: PostOffice) -> None:
    notice = office.issue()
    office.work()
    office.clock.advance(60)
    told = office.hear(notice, "system_message", SEND, MONDAY + timedelta(seconds=30))
    assert (told.deemed_at, told.rule) == (MONDAY + timedelta(seconds=30), Rule.ELECTRONIC)
    assert (told.channel, told.calendar) == ("system_message", office.counting.calendar.version)
    assert office.read(notice) == told
    # What is heard later changes the channel, never the moment.
    later = office.hear(notice, "system_message", DELIVER, office.now)
    assert later.deemed_at == told.deemed_at
    assert office.deliveries(notice)["system_message"].state is DeliveryState.DELIVERED
    assert office.hear(notice, "sms", SEND, office.now).deemed_at == told.deemed_at
    office.work()
    assert len(office.host.notices) == 1
    assert audited(office, notice)[2:] == [
        "notice.sent",
        "notice.deemed",
        "notice.delivered",
        "notice.sent",
    ]


def test_the_same_word_twice_changes_nothing(office: PostOffice) -> None:
    notice = office.issue()
    office.work()
    first = office.hear(notice, "system_message", SEND, MONDAY)
    before = audited(office, notice)
    office.clock.advance(60)
    assert office.hear(notice, "system_message", SEND, office.now) == first
    assert audited(office, notice) == before
    office.hear(notice, "system_message", DELIVER, office.now)
    office.hear(notice, "system_message", SEND, office.now)
    with pytest.raises(IllegalMove):
        office.hear(notice, "system_message", FAIL, office.now)


def test_after_failures_the_next_channel_comes_and_in_the_end_the_page(office: PostOffice) -> None:
    office.contact(email="a@example.org", phone="13900000000")
    assert office.mailer is not None
    office.mailer.answers = [Refused("mail_550")]
    notice = office.issue()
    office.work()
    office.hear(notice, "system_message", FAIL, office.now)
    office.work()
    assert [sent[0] for sent in office.mailer.sent] == ["a@example.org"]
    assert [sent.channel for sent in office.host.notices] == ["system_message", "sms"]
    assert office.host.notices[-1].recipient == "13900000000"
    assert office.host.notices[0].id != office.host.notices[1].id
    office.clock.advance(3_599)
    assert office.give_up_silent() == 0
    office.clock.advance(1)
    assert office.give_up_silent() == 1
    office.work()
    told = office.read(notice)
    assert (told.channel, told.rule, told.deemed_at) == ("page", Rule.ELECTRONIC, office.now)
    states = {name: found.state for name, found in office.deliveries(notice).items()}
    assert states == {
        "system_message": DeliveryState.FAILED,
        "email": DeliveryState.FAILED,
        "sms": DeliveryState.FAILED,
        "page": DeliveryState.DELIVERED,
    }
    errors = {name: found.error for name, found in office.deliveries(notice).items()}
    assert (errors["email"], errors["sms"]) == ("mail_550", "no_receipt")


def test_mail_that_a_server_takes_is_successful_sending(office: PostOffice) -> None:
    office.contact(email="a@example.org")
    notice = office.issue()
    office.work()
    office.hear(notice, "system_message", FAIL, office.now)
    office.work()
    assert office.mailer is not None
    ((recipient, subject, body, message_id),) = office.mailer.sent
    assert (recipient, message_id) == ("a@example.org", notice.id)
    assert "违规处理通知" in subject
    assert body.index("处理措施") < body.index("Measures")
    token = body.split("/my/")[1].split()[0]
    with office.engine.connect() as conn:
        assert open_link(conn, token, office.now) is not None
    assert office.read(notice).channel == "email"


def test_a_mail_server_that_is_away_is_tried_again_and_given_up_in_the_end(
    office: PostOffice,
) -> None:
    office.contact(email="a@example.org")
    assert office.mailer is not None
    office.mailer.answers = [Trouble("mail_unreachable")] * 12
    notice = office.issue()
    office.work()
    office.hear(notice, "system_message", FAIL, office.now)
    for _ in range(15):
        office.work()
        office.clock.advance(3_600)
    assert len(office.mailer.sent) == 12
    assert office.deliveries(notice)["email"].error == "given_up"
    assert office.read(notice).channel == "page"


def test_a_host_that_is_away_holds_up_no_other_channel(office: PostOffice) -> None:
    office.host.answer = Failed(timedelta(hours=5), "host_status_500")
    notice = office.issue()
    office.work()
    office.clock.advance(3_600)
    assert office.give_up_silent() == 1
    office.work()
    assert office.read(notice).channel == "page"
    # When it is back it is not told of a channel that was given up.
    sent = len(office.host.notices)
    office.clock.advance(20_000)
    office.work()
    assert len(office.host.notices) == sent


def test_a_channel_that_was_silent_may_still_say_that_it_was_sent(office: PostOffice) -> None:
    notice = office.issue()
    office.work()
    office.clock.advance(3_600)
    office.give_up_silent()
    told = office.hear(notice, "system_message", SEND, MONDAY + timedelta(minutes=1))
    assert told.deemed_at == MONDAY + timedelta(minutes=1)
    office.work()
    assert "page" not in office.deliveries(notice)


@pytest.mark.parametrize(
    ("channel", "event", "deemed", "rule"),
    [
        ("letter", SEND, "2026-11-25T16:00:00Z", Rule.LETTER),  # the third day after Monday
        ("letter", DELIVER, "2026-11-23T02:00:00Z", Rule.BY_HAND),
        ("by_hand", DELIVER, "2026-11-23T02:00:00Z", Rule.BY_HAND),
        ("by_hand", SEND, None, None),
        ("im", DELIVER, "2026-11-23T02:00:00Z", Rule.ELECTRONIC),
        ("page", DELIVER, "2026-11-23T02:00:00Z", Rule.ELECTRONIC),
    ],
)
def test_each_channel_counts_by_its_own_rule(
    office: PostOffice, channel: str, event: DeliveryEvent, deemed: str | None, rule: Rule | None
) -> None:
    told = office.hear(office.issue(), channel, event, MONDAY)
    assert told.deemed_at == (None if deemed is None else datetime.fromisoformat(deemed))
    assert told.rule == rule


def test_the_contracts_example(store_engine: Engine) -> None:
    sent = datetime(2026, 2, 16, 12, 0, tzinfo=UTC)
    office = PostOffice(store_engine, now=sent)
    notice = office.issue()
    told = office.hear(notice, "system_message", SEND, sent)
    assert told.deemed_at == datetime(2026, 2, 23, 16, 0, tzinfo=UTC)


def test_times_that_cannot_be_and_channels_that_are_none_are_refused(office: PostOffice) -> None:
    notice = office.issue()
    for at in (MONDAY - timedelta(minutes=6), MONDAY + timedelta(minutes=6)):
        with pytest.raises(WrongReceipt, match="at:"):
            office.hear(notice, "sms", SEND, at)
    for name in ("announcement", "pigeon"):
        with pytest.raises(WrongReceipt, match="channel:"):
            office.hear(notice, name, SEND, MONDAY)
    # A clock that is a little off is no reason, but nothing counts before it was written.
    told = office.hear(notice, "sms", SEND, MONDAY - timedelta(minutes=4))
    assert told.deemed_at == MONDAY
    with pytest.raises(NoNotice):
        office.write(
            lambda conn: flow.hear(
                conn, "b", notice.id, "sms", SEND, at=MONDAY, now=MONDAY, counting=office.counting
            )
        )


def test_whoever_listens_is_told_once_in_the_same_transaction(store_engine: Engine) -> None:
    heard: list[tuple[str, datetime | None]] = []

    def listen(conn: Connection, notice: Notice, now: datetime) -> None:
        assert conn.in_transaction()
        heard.append((notice.id, notice.deemed_at))

    office = PostOffice(store_engine, now=MONDAY, told=(listen,))
    notice = office.issue()
    office.hear(notice, "system_message", FAIL, MONDAY)
    assert heard == []
    office.hear(notice, "sms", SEND, MONDAY)
    office.hear(notice, "sms", DELIVER, MONDAY)
    assert heard == [(notice.id, MONDAY)]


def test_what_was_counted_provisionally_is_counted_anew_by_another_calendar(
    store_engine: Engine, tmp_path: Path
) -> None:
    sent = datetime(2027, 2, 4, 2, 0, tzinfo=UTC)  # a Thursday before the Spring Festival
    office = PostOffice(store_engine, now=sent)
    notice, official = office.issue(), office.issue()
    first = office.hear(notice, "sms", SEND, sent)
    assert (first.deemed_at, first.provisional) == (sent, True)

    def count(calendar_office: PostOffice) -> int:
        found: int = calendar_office.write(
            lambda conn: flow.count_anew(conn, sent, 10, counting=calendar_office.counting)
        )
        return found

    assert count(office) == 0  # by the same calendar there is nothing to do
    path = tmp_path / "days.toml"
    path.write_text("[[year]]\nyear = 2027\ndays_off = [2027-02-04, 2027-02-05]\nworkdays = []\n")
    heard: list[Notice] = []
    later = PostOffice(
        store_engine,
        now=sent,
        calendar=load_calendar(path),
        told=(lambda conn, told, now: heard.append(told),),
    )
    assert count(later) == 1
    moved = later.read(notice)
    assert moved.deemed_at == datetime(2027, 2, 7, 16, 0, tzinfo=UTC)
    assert (moved.provisional, moved.calendar) == (False, later.counting.calendar.version)
    assert heard == [moved]
    assert later.deliveries(notice)["sms"].deemed_at == moved.deemed_at
    assert count(later) == 0
    assert audited(later, notice)[-1] == "notice.counted_anew"
    assert later.read(official).deemed_at is None


def test_nobody_is_told_of_content_without_an_account_or_of_nothing(store_engine: Engine) -> None:
    office = PostOffice(store_engine)

    def work(conn: Connection) -> None:
        for account_id in (None, "u-1"):
            decision = record_decision(conn, account_id=account_id)
            assert (
                telling.tell_decision(
                    conn,
                    decision,
                    [],
                    text="坏",
                    wording=WORDING,
                    actor=MACHINE,
                    now=office.now,
                )
                is None
            )

    office.write(work)


def test_the_chain_ends_with_the_page_and_takes_known_channels_once() -> None:
    assert [channel.id for channel in read_chain(["sms", "page", "letter"])] == [
        "sms",
        "letter",
        "page",
    ]
    for names in (["sms", "sms"], ["pigeon"], ["announcement"]):
        with pytest.raises(ValueError, match="each once"):
            read_chain(names)


@pytest.fixture(scope="module")
def random_office(tmp_path_factory: pytest.TempPathFactory) -> PostOffice:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('office')}/store.sqlite3")
    upgrade(engine)
    return PostOffice(engine, now=MONDAY)


@settings(max_examples=40, deadline=None)
@given(
    words=st.lists(
        st.tuples(
            st.sampled_from(sorted(CHANNELS)),
            st.sampled_from(DeliveryEvent),
            st.integers(0, 60 * 24 * 30),
        ),
        max_size=8,
    )
)
def test_nothing_counts_before_it_was_written_and_nothing_heard_later_moves_it(
    random_office: PostOffice, words: list[tuple[str, DeliveryEvent, int]]
) -> None:
    office = random_office
    notice = office.issue()
    written = office.now
    deemed = None
    for channel, event, minutes in words:
        at = written + timedelta(minutes=minutes)
        state = office.deliveries(notice).get(channel)
        try:
            told = office.write(
                lambda conn, c=channel, e=event, a=at: flow.hear(
                    conn, TENANT, notice.id, c, e, at=a, now=a, counting=office.counting
                )
            )
        except IllegalMove:
            assert state is not None
            assert state.state in DELIVERIES.final
            continue
        assert deemed is None or told.deemed_at == deemed
        if told.deemed_at is not None and deemed is None:
            rule = CHANNELS[channel].rules[event]
            assert told.deemed_at == deem(at, rule, office.counting.calendar).at
            assert told.deemed_at >= written
        deemed = told.deemed_at
    with office.engine.connect() as conn:
        assert store.ids_of_decision(conn, TENANT, notice.decision_id or "") == (notice.id,)
