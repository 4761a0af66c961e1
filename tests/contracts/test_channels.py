"""What every channel of notices keeps: whom it reaches, and which paragraph of 8.3 it counts by."""

from __future__ import annotations

import pytest

from service.notices.calendar.delivery import Rule
from service.notices.chain import CHANNELS, LAST
from service.notices.model import Channel, DeliveryEvent, Via

EVERY = pytest.mark.parametrize("channel", CHANNELS.values(), ids=list(CHANNELS))
CONTACTS = dict.fromkeys(("email", "sms", "im", "letter", "by_hand"), "somewhere")


def test_the_channels_are_those_of_the_contract_and_none_is_public() -> None:
    assert set(CHANNELS) == {
        "system_message",
        "in_app",
        "email",
        "sms",
        "im",
        "letter",
        "by_hand",
        "page",
    }


@EVERY
def test_it_reaches_whom_the_host_told_of(channel: Channel) -> None:
    assert channel.find_recipient("u-1", CONTACTS) in ("u-1", "somewhere")
    reached = channel.find_recipient("u-1", {})
    assert reached == ("u-1" if channel.id in ("system_message", "in_app", "page") else None)


@EVERY
def test_arrival_counts_and_failure_never(channel: Channel) -> None:
    assert DeliveryEvent.DELIVER in channel.rules
    assert DeliveryEvent.FAIL not in channel.rules
    assert Rule.ANNOUNCEMENT not in channel.rules.values()


def test_sending_counts_for_what_is_electronic_and_posting_for_letters() -> None:
    counted = {name: channel.rules.get(DeliveryEvent.SEND) for name, channel in CHANNELS.items()}
    assert counted.pop("letter") is Rule.LETTER
    assert counted.pop("by_hand") is None
    assert counted.pop(LAST) is None  # it is there or not
    assert set(counted.values()) == {Rule.ELECTRONIC}


def test_only_the_last_channel_needs_nobody() -> None:
    assert [name for name, channel in CHANNELS.items() if channel.via is Via.PAGE] == [LAST]
