"""The consumer's loop over a stream and an intake that do what the test says."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from redis.exceptions import ConnectionError as RedisAway

from service.kernel.db import StorageUnavailable
from service.moderation.stream import Answer, Entry, Refusal, Settled
from workers.consume import BATCH, BATCH_BYTES, FIRST_BATCH, MOST_DELIVERIES, Consumer
from workers.stream import Claimed


class FakeStream:
    """Gives entries out in order; `troubles` are raised by the calls they name, one each."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.left = deque(entries)
        self.given: list[Entry] = []
        self.claimable: list[Claimed] = []
        self.handed: list[Settled] = []
        self.counts: list[int] = []
        self.troubles: deque[str] = deque()
        self.when_empty: Callable[[], object] = lambda: None
        self.calls: list[str] = []

    def _fail(self, name: str) -> None:
        self.calls.append(name)
        if self.troubles and self.troubles[0] == name:
            self.troubles.popleft()
            raise RedisAway("away")

    def open(self) -> None:
        self._fail("open")

    def read(self, count: int, wait: bool = True) -> list[Entry]:
        self._fail("read")
        self.counts.append(count)
        found = [self.left.popleft() for _ in range(min(count, len(self.left)))]
        self.given += found
        if not found and wait:
            self.when_empty()
        return found

    def read_own(self, count: int) -> list[Entry]:
        done = {result.entry for result in self.handed}
        return [entry for entry in self.given if entry.id not in done][:count]

    def claim(self, count: int, idle_seconds: float) -> Claimed:
        return self.claimable.pop() if self.claimable else Claimed([], 0)

    def hand_in(self, results: Sequence[Settled]) -> int:
        self._fail("hand_in")
        done = {result.entry for result in self.handed}
        fresh = [result for result in results if result.entry not in done]
        self.handed += fresh
        return len(fresh)

    def trim(self) -> int:
        return 0

    def remove_gone(self, idle_seconds: float) -> None: ...

    def leave(self) -> None:
        self.calls.append("leave")

    def close(self) -> None:
        self.calls.append("close")


class FakeIntake:
    """Answers every entry; fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.batches: list[int] = []
        self.redelivered: list[str] = []
        self.forgettable: list[str] = []

    async def settle(self, entries: Sequence[Entry], *, redelivered: bool = False) -> list[Settled]:
        if redelivered:
            self.redelivered += [entry.id for entry in entries]
        if self.failures:
            self.failures -= 1
            raise StorageUnavailable("away")
        self.batches.append(len(entries))
        await asyncio.sleep(0)
        return [Answer(entry.id, "m", b"{}") for entry in entries]

    def acknowledged(self, entries: Sequence[str]) -> None:
        self.forgettable += entries


def entries(count: int, size: int = 1) -> list[Entry]:
    return [Entry(f"{at}-0", b"x" * size) for at in range(count)]


def consume(stream: FakeStream, intake: FakeIntake) -> None:
    """Run until the stream is empty; the first pauses last a tenth of a second at most."""

    async def scene() -> None:
        consumer = Consumer(stream, intake, claim_seconds=10.0)
        loop = asyncio.get_running_loop()
        stream.when_empty = lambda: loop.call_soon_threadsafe(consumer.stop)
        await asyncio.wait_for(consumer.run(), 30)

    asyncio.run(scene())


def handed(stream: FakeStream) -> list[str]:
    return [result.entry for result in stream.handed]


def ids(count: int) -> list[str]:
    return [f"{at}-0" for at in range(count)]


def test_batches_grow_to_their_most_and_results_keep_the_order() -> None:
    stream, intake = FakeStream(entries(1_000)), FakeIntake()
    consume(stream, intake)
    assert handed(stream) == ids(1_000)
    assert intake.batches[0] == FIRST_BATCH
    assert max(intake.batches) == BATCH
    assert intake.redelivered == []
    assert sorted(intake.forgettable) == sorted(ids(1_000))
    assert stream.calls[-2:] == ["leave", "close"]


def test_of_large_items_fewer_are_read() -> None:
    stream, intake = FakeStream(entries(60, size=BATCH_BYTES // 4)), FakeIntake()
    consume(stream, intake)
    assert handed(stream) == ids(60)
    assert max(stream.counts[3:]) <= 8


def test_entries_wait_for_the_store_and_come_back_as_known() -> None:
    stream, intake = FakeStream(entries(40)), FakeIntake(failures=2)
    consume(stream, intake)
    assert handed(stream) == ids(40)
    assert intake.redelivered == ids(FIRST_BATCH) * 2


def test_what_a_broken_connection_left_open_is_settled_again_and_handed_in_once() -> None:
    for at in range(1, 12):
        stream, intake = FakeStream(entries(200)), FakeIntake()
        stream.troubles.extend(["hand_in"] if at % 2 else ["read"])
        stream.troubles.extend(["open", "hand_in"])
        consume(stream, intake)
        assert sorted(handed(stream)) == sorted(ids(200))
        assert len(handed(stream)) == 200


def test_entries_of_the_dead_are_settled_as_known() -> None:
    stream, intake = FakeStream(entries(3)), FakeIntake()
    stream.claimable.append(Claimed([Entry("9-0", b"x")], 1))
    consume(stream, intake)
    assert intake.redelivered == ["9-0"]
    assert handed(stream) == ["9-0", *ids(3)]


def test_an_entry_that_nobody_survives_is_not_tried_again() -> None:
    stream, intake = FakeStream([]), FakeIntake()
    stream.claimable.append(Claimed([Entry("9-0", b"x")], MOST_DELIVERIES))
    consume(stream, intake)
    assert stream.handed == [Refusal("9-0", "internal_error", b"x")]
    assert intake.batches == []


def test_when_told_to_stop_what_was_read_ahead_is_still_settled() -> None:
    stream = FakeStream(entries(500))

    class Stopping(FakeIntake):
        async def settle(
            self, entries: Sequence[Entry], *, redelivered: bool = False
        ) -> list[Settled]:
            if len(self.batches) == 2:
                consumer.stop()
            return await super().settle(entries, redelivered=redelivered)

    async def scene() -> None:
        nonlocal consumer
        consumer = Consumer(stream, Stopping(), claim_seconds=10.0)
        await asyncio.wait_for(consumer.run(), 30)

    consumer: Consumer
    asyncio.run(scene())
    assert handed(stream) == [entry.id for entry in stream.given]
    assert stream.left
