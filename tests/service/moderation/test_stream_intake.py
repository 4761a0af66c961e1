"""Entries of the stream become decisions, each once, or dead letters; without Redis."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest
from doors import START, TestClock, WordJudge, prepare
from sqlalchemy import func, select

from service.decisions.store import insert_allow_rows
from service.decisions.tables import decisions
from service.kernel.db import StorageError, open_engine
from service.kernel.group_commit import GroupCommit
from service.moderation import entry_store
from service.moderation.entry_store import Decided, EntryTaken, stream_entries
from service.moderation.stream import MAX_ITEM, Answer, Durably, Entry, Refusal, Settled
from service.policy.model import Judgement
from service.settings import load_settings
from service.wiring.stream import StreamServices, build_stream_services


class Stumbling(WordJudge):
    """Fails at texts with 跌."""

    def judge(self, text: str, surface: str = "im.message") -> Judgement:
        if "跌" in text:
            raise LookupError("a fault of ours")
        return super().judge(text, surface)


Scene = Callable[[StreamServices], Coroutine[Any, Any, None]]


@pytest.fixture
def url(store_url: str) -> str:
    prepare(store_url)
    return store_url


def play(url: str, scene: Scene, judge: WordJudge | None = None) -> None:
    settings = load_settings({"DATABASE_URL": url})
    services = build_stream_services(
        settings,
        judge=judge or WordJudge(),  # type: ignore[arg-type]
        clock=TestClock(),
        engine=open_engine(url, busy_seconds=0.05),
    )

    async def run() -> None:
        services.start()
        try:
            await scene(services)
        finally:
            await services.stop()

    asyncio.run(run())


def entry(number: int, text: str, **fields: Any) -> Entry:
    item = {"tenant": "a", "text": text} | fields
    return Entry(f"{number}-0", json.dumps(item, ensure_ascii=False).encode())


def results(settled: Sequence[Settled]) -> list[dict[str, Any]]:
    assert all(isinstance(one, Answer) for one in settled), settled
    return [json.loads(one.decision) for one in settled if isinstance(one, Answer)]


def without_states(settled: Sequence[Settled]) -> list[dict[str, Any]]:
    """Results without what goes on after a decision: the states of its measures."""
    found = results(settled)
    for result in found:
        for measure in result["measures"]:
            del measure["state"]
    return found


def count(services: StreamServices) -> int:
    with services.engine.connect() as conn:
        return int(conn.scalar(select(func.count()).select_from(decisions)) or 0)


def test_entries_are_answered_in_their_order_and_durable(url: str) -> None:
    async def scene(services: StreamServices) -> None:
        entries = [entry(at, "坏" if at % 3 == 0 else "好") for at in range(1, 41)]
        settled = await services.intake.settle(entries)
        assert [one.entry for one in settled] == [one.id for one in entries]
        verdicts = [result["verdict"] for result in results(settled)]
        assert verdicts == ["block" if at % 3 == 0 else "allow" for at in range(1, 41)]
        assert count(services) == 40

    play(url, scene)


def test_without_data_id_the_entry_is_the_content(url: str) -> None:
    async def scene(services: StreamServices) -> None:
        settled = await services.intake.settle([entry(5, "好"), entry(6, "好", data_id="m")])
        assert [one.data_id for one in settled if isinstance(one, Answer)] == ["5-0", "m"]
        assert [result["data_id"] for result in results(settled)] == ["5-0", "m"]

    play(url, scene)


def test_fifty_equal_submissions_give_one_decision(url: str) -> None:
    async def scene(services: StreamServices) -> None:
        entries = [entry(at, "坏", data_id="m") for at in range(1, 51)]
        halves = await asyncio.gather(
            services.intake.settle(entries[:25]), services.intake.settle(entries[25:])
        )
        found = results([*halves[0], *halves[1]])
        assert len({result["decision_id"] for result in found}) == 1
        assert sum("replay" not in result for result in found) == 1
        assert count(services) == 1

    play(url, scene)


def test_an_entry_that_comes_again_gets_its_own_decision(url: str) -> None:
    """Even where its content has been another since: then equal content is no longer a replay."""

    async def scene(services: StreamServices) -> None:
        entries = [entry(at, text, data_id="m") for at, text in enumerate("坏好坏", 1)]
        first = await services.intake.settle(entries)
        assert [result["revision"] for result in results(first)] == [1, 2, 3]
        again = await services.intake.settle(entries, redelivered=True)
        assert without_states(again) == without_states(first)
        assert count(services) == 3

    play(url, scene)


def test_what_two_consumers_settle_at_once_is_decided_once(url: str) -> None:
    async def scene(services: StreamServices) -> None:
        entries = [entry(at, text, data_id="m") for at, text in enumerate("坏好坏好", 1)]
        first = await services.intake.settle(entries)
        again = await services.intake.settle(entries)  # not known to be redelivered
        assert without_states(again) == without_states(first)
        assert count(services) == 4

    play(url, scene)


def test_an_emptied_stream_may_give_an_id_again(url: str) -> None:
    async def scene(services: StreamServices) -> None:
        await services.intake.settle([entry(1, "坏")])
        settled = await services.intake.settle([entry(1, "好")], redelivered=True)
        assert [result["verdict"] for result in results(settled)] == ["allow"]

    play(url, scene)


def test_tenants_of_one_batch_do_not_meet(url: str) -> None:
    async def scene(services: StreamServices) -> None:
        settled = await services.intake.settle(
            [entry(1, "坏", data_id="m"), entry(2, "好", data_id="m", tenant="b")]
        )
        assert [result["revision"] for result in results(settled)] == [1, 1]

    play(url, scene)


POISON: dict[str, tuple[bytes | None, str]] = {
    "no item": (None, "invalid_request"),
    "empty": (b"", "malformed_json"),
    "not JSON": (b"text=s3cret", "malformed_json"),
    "trailing bytes": (b'{"tenant":"a","text":"x"} y', "malformed_json"),
    "equal keys": (b'{"tenant":"a","tenant":"b","text":"x"}', "malformed_json"),
    "equal keys, one escaped": (b'{"tenant":"a","t\\u0065nant":"b","text":"x"}', "malformed_json"),
    "GBK": ('{"tenant":"a","text":"赌博"}'.encode("gbk"), "malformed_json"),
    "UTF-16": ('{"tenant":"a","text":"x"}'.encode("utf-16"), "malformed_json"),
    "lone surrogate": (b'{"tenant":"a","text":"\\ud800"}', "malformed_json"),
    "NaN": (b'{"tenant":"a","text":NaN}', "malformed_json"),
    "depth": (b'{"tenant":"a","text":' + b"[" * 100_000, "malformed_json"),
    "null": (b"null", "invalid_request"),
    "array": (b"[]", "invalid_request"),
    "10^400": (b'{"tenant":"a","text":1' + b"0" * 400 + b"}", "invalid_request"),
    "100,000 keys": (
        b"{" + b",".join(b'"%d":1' % at for at in range(50_000)) + b"}",
        "invalid_request",
    ),
    "no tenant": (b'{"text":"x"}', "invalid_request"),
    "tenant number": (b'{"tenant":1,"text":"x"}', "invalid_request"),
    "tenant empty": (b'{"tenant":"","text":"x"}', "invalid_request"),
    "NUL in tenant": (b'{"tenant":"a\\u0000","text":"x"}', "invalid_request"),
    "unknown tenant": (b'{"tenant":"nobody","text":"x"}', "not_found"),
    "tenant of another spelling": (b'{"tenant":"A","text":"x"}', "not_found"),
    "NUL in text": (b'{"tenant":"a","text":"x\\u0000"}', "invalid_request"),
    "NUL in id": (b'{"tenant":"a","text":"x","data_id":"\\u0000"}', "invalid_request"),
    "unknown field": (b'{"tenant":"a","text":"x","role":"admin"}', "invalid_request"),
    "surface": (b'{"tenant":"a","text":"x","surface":"y"}', "invalid_request"),
    "year 0": (
        b'{"tenant":"a","text":"x","occurred_at":"0000-01-01T00:00:00Z"}',
        "invalid_request",
    ),
    "no zone": (
        b'{"tenant":"a","text":"x","occurred_at":"2026-01-01T00:00:00"}',
        "invalid_request",
    ),
    "no text": (b'{"tenant":"a"}', "invalid_request"),
    "empty text": (b'{"tenant":"a","text":""}', "empty_text"),
    "invisible text": (b'{"tenant":"a","text":"\\u200b"}', "empty_text"),
    "long text": (b'{"tenant":"a","text":"' + b"x" * 20_001 + b'"}', "text_too_long"),
    "10 MB": (b'{"tenant":"a","text":"' + b"x" * 10_000_000 + b'"}', "body_too_large"),
    "a stumbling judge": ('{"tenant":"a","text":"跌"}'.encode(), "internal_error"),
}


def test_what_cannot_be_processed_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    prepare(url)

    async def scene(services: StreamServices) -> None:
        entries = []
        for at, (item, _) in enumerate(POISON.values()):
            entries += [Entry(f"{at}-1", item), entry(at, "坏")]
        settled = await services.intake.settle(entries)
        assert len(results(settled[1::2])) == len(POISON)
        expected = [
            Refusal(f"{at}-1", code, (item or b"")[:MAX_ITEM])
            for at, (item, code) in enumerate(POISON.values())
        ]
        assert settled[0::2] == expected
        assert count(services) == len(POISON)

    play(url, scene, Stumbling())


def test_while_the_store_is_away_nothing_is_settled_nor_offered(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    prepare(url)
    entries = [entry(1, "好", data_id="m"), entry(2, "坏"), entry(3, "好")]

    async def scene(services: StreamServices) -> None:
        other = sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            with pytest.raises(StorageError):
                await services.intake.settle(entries)
        assert services.commit.buffered == 0
        other.rollback()
        other.close()
        settled = await services.intake.settle(entries, redelivered=True)
        assert [result["degraded"] for result in results(settled)] == [[], [], []]
        assert count(services) == 3

    play(url, scene)


def test_entries_are_forgotten_a_while_after_they_were_acknowledged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    prepare(url)
    now = 0.0

    def known(services: StreamServices) -> set[str]:
        with services.engine.connect() as conn:
            return set(conn.scalars(select(stream_entries.c.entry)))

    async def scene(services: StreamServices) -> None:
        nonlocal now
        services.intake._ticks = lambda: now
        await services.intake.settle([entry(1, "好"), entry(2, "坏")])
        services.intake.acknowledged(["1-0", "2-0"])
        now = 9.0
        await services.intake.settle([entry(3, "好")])
        assert known(services) == {"1-0", "2-0", "3-0"}
        now = 11.0
        await services.intake.settle([entry(4, "好")])
        assert known(services) == {"3-0", "4-0"}

    play(url, scene)


def test_an_entry_is_kept_once_and_purged_by_age(store_url: str) -> None:
    prepare(store_url)
    engine = open_engine(store_url)
    one = Decided("1-0", b"d", "a", "id", False, START)
    with engine.begin() as conn:
        entry_store.keep(conn, [one])
    with engine.connect() as conn, pytest.raises(EntryTaken):
        entry_store.keep(conn, [one, Decided("2-0", b"d", "a", "id", True, START)])
    with engine.connect() as conn:
        assert entry_store.find(conn, ["1-0", "2-0"]) == {("1-0", b"d"): one}
    with engine.begin() as conn:
        assert entry_store.purge(conn, START) == 0
        assert entry_store.purge(conn, START.replace(year=2027)) == 1
    engine.dispose()


def test_durably_takes_no_row_that_may_be_lost(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.sqlite3")
    commit = GroupCommit(engine, insert_allow_rows)
    assert Durably(commit).healthy
    assert not Durably(commit).offer(("row", None, None))
    assert commit.buffered == 0
    engine.dispose()
