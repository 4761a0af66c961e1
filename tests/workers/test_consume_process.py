"""Consumers as processes: killed, told to stop, cut off from store and Redis; the README's ten
lines."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from doors import prepare
from fixtures.models import by_hand
from fixtures.streams import check_each_decided_once, pending, settled
from fixtures.valkey import Valkey, wait_until
from process_watch import Watched, watching

from models.classifier import artefact
from models.classifier.classifier import Classifier
from workers.stream import DEAD, DECISIONS, GROUP, SUBMISSIONS

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
MANY = 3_000
BAD = "开户送彩金，加微信 bet8888"

Start = Callable[[], Watched]


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    linear = by_hand(["3.4.1.7/gambling"], {"客户": [-2.0]}, [-6.0])
    folder = tmp_path_factory.mktemp("model")
    card = "a model of one word"
    return artefact.save(folder, Classifier(linear), name="tiny", card=card, facts={})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.sqlite3"
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def start(store: Path, own_valkey: Valkey, tmp_path: Path, small_model: Path) -> Iterator[Start]:
    """Starts a consumer that claims after a second."""
    env = os.environ | {
        "PYTHONPATH": str(ROOT),
        "MODERATION_DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": f"sqlite:///{store}",
        "REDIS_URL": own_valkey.url,
        "MODERATION_MODEL_DIR": str(small_model),
        "MODERATION_STREAM_CLAIM_SECONDS": "1",
    }
    with ExitStack() as stack:

        def start() -> Watched:
            command = [sys.executable, "-m", "cli.main", "consume"]
            return stack.enter_context(watching(command, env=env, cwd=ROOT))

        yield start


def send(valkey: Valkey, count: int, *, first: int = 0) -> None:
    """Each tenth message is bad; contents come in threes of one `data_id`, A, B and A again."""
    pipe = valkey.client.pipeline(transaction=False)
    for at in range(first, first + count):
        text = BAD if at % 10 == 0 else f"明天开会 {'AB'[at % 3 % 2]}"
        item = {"tenant": "ab"[at % 2], "data_id": f"m-{at // 3}-{at % 2}", "text": text}
        pipe.xadd(SUBMISSIONS, {"item": json.dumps(item)})
    pipe.execute()


def test_two_consumers_of_which_one_is_killed_decide_each_once(
    start: Start, own_valkey: Valkey, store: Path
) -> None:
    first, second = start(), start()
    send(own_valkey, MANY)
    for at in range(1, 4):
        wait_until(lambda at=at: own_valkey.client.xlen(DECISIONS) > MANY * at / 5, "progress")
        first.signal(signal.SIGKILL)
        first.end()
        first, second = second, start()
    wait_until(settled(own_valkey, MANY), "all of them", seconds=60)
    check_each_decided_once(own_valkey, store, MANY)


def test_a_signal_finishes_the_batch_and_ends_orderly(
    start: Start, own_valkey: Valkey, store: Path
) -> None:
    consumer = start()
    send(own_valkey, MANY)
    wait_until(lambda: own_valkey.client.xlen(DECISIONS) > 200, "progress")
    consumer.signal(signal.SIGTERM)
    assert consumer.end(seconds=10) == 0
    assert "error" not in consumer.output
    assert pending(own_valkey) == 0
    assert own_valkey.client.xinfo_consumers(SUBMISSIONS, GROUP) == []
    done = own_valkey.client.xlen(DECISIONS)
    check_each_decided_once(own_valkey, store, done)


def test_while_the_store_is_locked_nothing_is_acknowledged(
    start: Start, own_valkey: Valkey, store: Path
) -> None:
    consumer = start()
    send(own_valkey, 10)
    wait_until(settled(own_valkey, 10), "the first ones")
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        send(own_valkey, 200, first=300)
        consumer.expect("the store is away: reading pauses")
        assert own_valkey.client.xlen(DECISIONS) == 10
        assert 0 < pending(own_valkey) <= 200
        other.rollback()
    consumer.expect("the store is back")
    wait_until(settled(own_valkey, 210), "the rest")
    check_each_decided_once(own_valkey, store, 210)


def test_a_signal_while_the_store_is_locked_ends_it_and_leaves_the_entries(
    start: Start, own_valkey: Valkey, store: Path
) -> None:
    consumer = start()
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        send(own_valkey, 5)
        consumer.expect("the store is away")
        consumer.signal(signal.SIGTERM)
        assert consumer.end(seconds=20) == 0
        assert pending(own_valkey) == 5
    start()
    wait_until(settled(own_valkey, 5), "the heir's work")
    check_each_decided_once(own_valkey, store, 5)


@pytest.mark.parametrize("how", ["killed", "stopped", "hung"])
def test_consumption_goes_on_when_valkey_comes_back(
    how: str, start: Start, own_valkey: Valkey, store: Path
) -> None:
    """Killed, it may forget its last second; then it delivers again what was decided."""
    consumer = start()
    send(own_valkey, MANY)
    wait_until(lambda: own_valkey.client.xlen(DECISIONS) > 300, "progress")
    if how == "hung":
        own_valkey.freeze()
        consumer.expect("Redis is away")
        own_valkey.thaw()
    else:
        own_valkey.end(signal.SIGKILL if how == "killed" else signal.SIGTERM)
        consumer.expect("Redis is away")
        own_valkey.start()
    consumer.expect("Redis is back")
    sent = own_valkey.client.xinfo_stream(SUBMISSIONS)["entries-added"]
    assert sent == MANY or how == "killed"
    wait_until(settled(own_valkey, sent), "all of them", seconds=60)
    check_each_decided_once(own_valkey, store, sent)


def test_an_emptied_redis_is_filled_again(start: Start, own_valkey: Valkey, store: Path) -> None:
    start()
    send(own_valkey, 10)
    wait_until(settled(own_valkey, 10), "the first ones")
    own_valkey.client.flushall()
    send(own_valkey, 10, first=30)
    wait_until(lambda: own_valkey.client.xlen(DECISIONS) == 10, "the next ones")


def test_memory_stays_flat_over_many_entries(start: Start, own_valkey: Valkey) -> None:
    consumer = start()
    held = []
    for round_ in range(1, 4):
        send(own_valkey, MANY, first=round_ * MANY)
        wait_until(settled(own_valkey, MANY * round_), "a round", seconds=60)
        wait_until(lambda: own_valkey.client.xlen(SUBMISSIONS) == 0, "the texts deleted")
        status = Path(f"/proc/{consumer.pid}/status").read_text()
        held.append(int(re.search(r"VmRSS:\s+(\d+)", status)[1]))  # type: ignore[index]
    assert held[-1] - held[0] < 12_000, held


def test_an_entry_that_kills_its_consumers_becomes_a_dead_letter(
    start: Start, own_valkey: Valkey, store: Path
) -> None:
    """Those beside it are settled; nobody has to do anything but start consumers."""
    own_valkey.client.xgroup_create(SUBMISSIONS, GROUP, id="0", mkstream=True)
    send(own_valkey, 3)
    for _ in range(5):  # as five consumers would have left it
        own_valkey.client.execute_command(
            "XREADGROUP", "GROUP", GROUP, "gone", "STREAMS", SUBMISSIONS,
            ">" if _ == 0 else "0",
        )  # fmt: skip
    first, *_ = [id_ for id_, _ in own_valkey.client.xrange(SUBMISSIONS)]
    for id_, _ in own_valkey.client.xrange(SUBMISSIONS):
        if id_ != first:
            own_valkey.client.execute_command(
                "XCLAIM", SUBMISSIONS, GROUP, "gone", 0, id_, "RETRYCOUNT", 3
            )
    start()
    wait_until(lambda: own_valkey.client.xlen(DECISIONS) == 2, "those beside it")
    wait_until(lambda: own_valkey.client.xlen(DEAD) == 1, "the dead letter")
    ((_, letter),) = own_valkey.client.xrange(DEAD)
    assert (letter[b"entry"], letter[b"error"]) == (first, b"internal_error")
    assert pending(own_valkey) == 0


def test_the_producer_of_the_readme_sends_and_reads(
    start: Start, own_valkey: Valkey, tmp_path: Path
) -> None:
    start()
    send(own_valkey, 1)
    wait_until(settled(own_valkey, 1), "the consumer's start")
    readme = (ROOT / "README.md").read_text("utf-8")
    (code,) = (
        block for block in re.findall(r"```python\n(.*?)```", readme, re.S) if SUBMISSIONS in block
    )
    assert len(code.strip().splitlines()) <= 10
    (tmp_path / ".data").mkdir()
    (tmp_path / ".data/demo.json").write_text(json.dumps({"redis_url": own_valkey.url}))
    code = code.replace('"demo"', '"a"')
    said = []

    def ran() -> bool:
        said.append(
            subprocess.run(
                [sys.executable, "-W", "error", "-c", code],
                cwd=tmp_path, check=True, capture_output=True, text=True,
            ).stdout
        )  # fmt: skip
        return "chat-1 allow" in said[-1] and "chat-2 " in said[-1]

    wait_until(ran, "both results")
    assert "chat-2 allow" not in said[-1]
