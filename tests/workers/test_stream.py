"""The stream in a real Valkey: read, claimed, handed in once, trimmed, left."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures.valkey import Valkey
from redis.exceptions import RedisError

from service.moderation.stream import Answer, Entry, Refusal, Settled
from workers.stream import DEAD, DECISIONS, GROUP, SUBMISSIONS, Stream, open_redis

pytestmark = pytest.mark.process


def join(valkey: Valkey, name: str = "one", *, most: int = 1_000) -> Stream:
    stream = Stream(open_redis(valkey.url), name, most_decisions=most, most_dead=most)
    stream.open()
    return stream


def send(valkey: Valkey, *items: str) -> list[str]:
    return [valkey.client.xadd(SUBMISSIONS, {"item": item}).decode() for item in items]


def answers(entries: list[Entry]) -> list[Settled]:
    return [Answer(entry.id, "m", b'{"verdict":"allow"}') for entry in entries]


def ids(entries: list[Entry]) -> list[str]:
    return [entry.id for entry in entries]


def pending(valkey: Valkey) -> int:
    found: dict[str, Any] = valkey.client.xpending(SUBMISSIONS, GROUP)
    return int(found["pending"])


def test_entries_that_came_before_the_group_are_read_too(valkey: Valkey) -> None:
    sent = send(valkey, "1", "2", "3")
    stream = join(valkey)
    assert ids(stream.read(2)) == sent[:2]
    assert [entry.item for entry in stream.read(2)] == [b"3"]
    assert stream.read(2) == []


def test_an_entry_without_just_one_item_has_none(valkey: Valkey) -> None:
    stream = join(valkey)
    for words in (["text", "x"], ["item", "a", "item", "b"], ["Item", "a"]):
        valkey.client.execute_command("XADD", SUBMISSIONS, "*", *words)
    valkey.client.execute_command("XADD", SUBMISSIONS, "*", "trace", "t", "item", "c")
    assert [entry.item for entry in stream.read(9)] == [None, None, None, b"c"]


def test_results_are_added_and_entries_acknowledged_in_their_order(valkey: Valkey) -> None:
    sent = send(valkey, "1", "2", "3")
    stream = join(valkey)
    one, two, three = stream.read(3)
    results = [*answers([one]), Refusal(two.id, "empty_text", b"2"), *answers([three])]
    assert stream.hand_in(results) == 3
    assert pending(valkey) == 0
    assert [fields for _, fields in valkey.client.xrange(DECISIONS)] == [
        {b"entry": id_.encode(), b"data_id": b"m", b"decision": b'{"verdict":"allow"}'}
        for id_ in (sent[0], sent[2])
    ]
    assert [fields for _, fields in valkey.client.xrange(DEAD)] == [
        {b"entry": sent[1].encode(), b"error": b"empty_text", b"item": b"2"}
    ]


def test_results_handed_in_twice_are_there_once(valkey: Valkey) -> None:
    send(valkey, "1", "2")
    stream = join(valkey)
    results = answers(stream.read(2))
    assert (stream.hand_in(results), stream.hand_in(results)) == (2, 0)
    assert valkey.client.xlen(DECISIONS) == 2


def test_a_consumer_taken_for_dead_adds_nothing_after_its_heir(valkey: Valkey) -> None:
    send(valkey, "1", "2")
    dead, heir = join(valkey, "dead"), join(valkey, "heir")
    results = answers(dead.read(2))
    assert len(heir.claim(9, 0.0).entries) == 2
    assert (heir.hand_in(results), dead.hand_in(results)) == (2, 0)
    assert valkey.client.xlen(DECISIONS) == 2


def test_entries_are_claimed_only_after_a_while(valkey: Valkey) -> None:
    sent = send(valkey, "1", "2")
    dead, heir = join(valkey, "dead"), join(valkey, "heir")
    dead.read(2)
    assert heir.claim(9, 3_600).entries == []
    assert ids(heir.claim(9, 0.0).entries) == sent


def test_entries_delivered_often_are_claimed_one_at_a_time(valkey: Valkey) -> None:
    sent = send(valkey, "1", "2", "3")
    stream = join(valkey)
    stream.read(3)
    assert [len(stream.claim(9, 0.0).entries) for _ in range(2)] == [3, 3]
    counts = [stream.claim(9, 0.0) for _ in range(6)]
    assert [ids(claimed.entries) for claimed in counts] == [[id_] for id_ in sent * 2]
    assert [claimed.deliveries for claimed in counts] == [3, 3, 3, 4, 4, 4]


def test_an_answer_that_got_lost_is_read_again_and_counts_as_no_delivery(valkey: Valkey) -> None:
    sent = send(valkey, "1", "2", "3")
    stream = join(valkey)
    stream.read(3)
    valkey.client.xdel(SUBMISSIONS, sent[1])
    for _ in range(5):
        assert ids(stream.read_own(9)) == [sent[0], sent[2]]
    assert stream.claim(9, 0.0).deliveries == 1
    assert pending(valkey) == 2


def test_claimed_entries_that_were_deleted_are_let_go(valkey: Valkey) -> None:
    sent = send(valkey, "1", "2")
    stream = join(valkey)
    stream.read(2)
    valkey.client.xdel(SUBMISSIONS, *sent)
    assert stream.claim(9, 0.0).entries == []
    assert pending(valkey) == 0


def test_what_every_group_is_done_with_is_deleted(valkey: Valkey) -> None:
    sent = send(valkey, "1", "2", "3", "4")
    stream = join(valkey)
    entries = stream.read(3)
    stream.hand_in(answers([entries[0], entries[2]]))
    assert stream.trim() == 1
    left = [id_.decode() for id_, _ in valkey.client.xrange(SUBMISSIONS)]
    assert left == sent[1:]
    stream.hand_in(answers(entries))
    valkey.client.xgroup_create(SUBMISSIONS, "another", id="0")
    assert stream.trim() == 0
    valkey.client.xgroup_destroy(SUBMISSIONS, "another")
    assert stream.trim() == 2
    assert ids(stream.read(9)) == sent[3:]


def test_an_untouched_stream_is_not_trimmed(valkey: Valkey) -> None:
    stream = join(valkey)
    assert stream.trim() == 0
    send(valkey, "1")
    assert stream.trim() == 0


def test_results_are_kept_up_to_a_number(valkey: Valkey) -> None:
    stream = join(valkey, most=200)
    for _ in range(6):
        send(valkey, *["x"] * 100)
        entries = stream.read(100)
        stream.hand_in([*answers(entries[:50]), *(Refusal(e.id, "x", b"") for e in entries[50:])])
        stream.trim()
    assert 200 <= valkey.client.xlen(DECISIONS) < 330
    assert 200 <= valkey.client.xlen(DEAD) < 330
    assert valkey.client.xlen(SUBMISSIONS) == 0


def test_a_consumer_that_holds_entries_does_not_leave(valkey: Valkey) -> None:
    send(valkey, "1")
    stream, gone = join(valkey), join(valkey, "gone")
    gone.read(1)
    entries = stream.claim(9, 0.0).entries
    stream.leave()
    assert names(valkey) == {b"gone", b"one"}
    stream.hand_in(answers(entries))
    stream.leave()
    assert names(valkey) == {b"gone"}
    stream.remove_gone(3_600)
    assert names(valkey) == {b"gone"}
    stream.remove_gone(-1)
    assert names(valkey) == set()


def names(valkey: Valkey) -> set[bytes]:
    return {about["name"] for about in valkey.client.xinfo_consumers(SUBMISSIONS, GROUP)}


def test_a_redis_that_is_full_is_emptied_by_going_on(own_valkey: Valkey) -> None:
    stream = join(own_valkey)
    own_valkey.client.config_set("maxmemory", "8mb")
    with pytest.raises(RedisError, match="used memory"):
        for _ in range(10_000):
            send(own_valkey, "x" * 10_000)
    full = own_valkey.client.xlen(SUBMISSIONS)
    while entries := stream.read(100):
        assert stream.hand_in(answers(entries)) == len(entries)
        stream.trim()
    assert own_valkey.client.xlen(DECISIONS) == full
    send(own_valkey, "x")


def test_a_server_that_is_away_is_an_error_soon(own_valkey: Valkey) -> None:
    stream = join(own_valkey)
    own_valkey.end()
    with pytest.raises(RedisError):
        stream.read(1)
    own_valkey.start()
    stream.open()
    assert stream.read(1) == []
