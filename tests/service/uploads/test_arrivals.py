"""Files that never became an upload are taken out of the object store, and no others are."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import START, Door, open_door
from fixtures.stores import STORES
from fixtures.uploads import Uploading
from sqlalchemy import func, select

from service.kernel.db import WRITES, StorageUnavailable
from service.kernel.ids import new_id
from service.kernel.outbox import outbox
from service.kernel.problems import Problem
from service.kernel.ticking import run_tick
from service.uploads import arrivals, forgetting
from service.uploads.intake import Incoming
from service.uploads.objects import ObjectStore
from service.uploads.tables import upload_arrivals


def expected(door: Door) -> int:
    with door.services.engine.connect() as conn:
        return int(conn.scalar(select(func.count()).select_from(upload_arrivals)) or 0)


def sweep(door: Door) -> int:
    engine = door.services.engine.execution_options(**{WRITES: True})
    with engine.begin() as conn:
        return run_tick(conn, "arrivals", forgetting.forget_lost, door.clock.now())


def lose(door: Door, count: int = 1) -> list[str]:
    """Files as an API leaves them that dies before they are recorded."""

    async def data() -> AsyncIterator[bytes]:
        yield b"x"

    ids = [new_id(START) for _ in range(count)]
    engine = door.services.engine.execution_options(**{WRITES: True})
    for id_ in ids:
        with engine.begin() as conn:
            arrivals.expect(conn, "a", id_, door.clock.now())
        asyncio.run(door.services.objects.put("a", id_, data()))
    return sorted(ids)


@pytest.mark.parametrize("kind", STORES)
def test_a_lost_file_goes_once_nobody_can_be_sending_it(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    with open_door(tmp_path, url=url) as door:
        uploading = Uploading(door)
        recorded = uploading.send("坏").json()["upload_id"]
        lost = lose(door)
        door.clock.move(hours=1, minutes=59)
        assert sweep(door) == 0
        uploading.work()
        assert uploading.stored() == sorted([recorded, *lost])
        door.clock.move(minutes=2)
        assert sweep(door) == 1
        uploading.work()
        assert uploading.stored() == [recorded]
        assert (sweep(door), expected(door)) == (0, 0)


@pytest.mark.parametrize("kind", STORES)
def test_two_schedules_ask_once_for_each_lost_file(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    with open_door(tmp_path, url=url) as door:
        lost = lose(door, 20)
        door.clock.move(hours=3)
        both = threading.Barrier(2)
        moved: list[int] = []

        def run() -> None:
            both.wait()
            engine = door.services.engine.execution_options(**{WRITES: True})
            with engine.begin() as conn:  # without the lock that keeps ticks apart
                moved.append(forgetting.forget_lost(conn, door.clock.now(), 200))

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(moved) == 20
        with door.services.engine.connect() as conn:
            asked = conn.scalars(select(outbox.c.ref).where(outbox.c.topic == "upload.forget"))
            assert sorted(asked) == lost
        Uploading(door).work()
        assert Uploading(door).stored() == []


def test_a_file_that_was_given_up_while_it_came_is_refused_and_not_kept(
    uploading: Uploading, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = uploading.door
    plain = door.services.objects.put

    async def slow(*args: Any) -> None:
        await plain(*args)
        door.clock.move(hours=3)
        assert await asyncio.to_thread(sweep, door) == 1

    with monkeypatch.context() as patch:
        patch.setattr(door.services.objects, "put", slow)
        answer = uploading.send("坏")
    assert (answer.status_code, answer.json()["code"]) == (408, "request_timeout")
    uploading.work()
    assert (uploading.stored(), expected(door)) == ([], 0)
    assert uploading.send("坏").status_code == 202


def test_a_file_that_comes_too_slowly_is_cut_off_long_before_it_counts_as_lost() -> None:
    times: Iterator[float] = iter([0.0, 1.0, arrivals.LONGEST.total_seconds() + 1.0])
    edge = b'--edge\r\nContent-Disposition: form-data; name="file"\r\n\r\n'

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": edge, "more_body": True}

    incoming = Incoming(receive, b"edge", most_bytes=99, check_meta=len, ticks=lambda: next(times))

    async def read() -> None:
        async for _ in incoming.file():
            pass

    with pytest.raises(Problem) as caught:
        asyncio.run(read())
    assert caught.value.kind.status == 408
    assert timedelta(hours=1) <= arrivals.OVERDUE - arrivals.LONGEST


@pytest.mark.parametrize("content", ["x" * 70_000_000, ""], ids=["too large", "no name"])
def test_what_is_refused_leaves_nothing_to_sweep(uploading: Uploading, content: str) -> None:
    meta = {} if content else {"data_id": ""}
    assert uploading.send(content, **meta).status_code in (413, 422)
    assert (uploading.stored(), expected(uploading.door)) == ([], 0)


def test_a_file_stays_when_nobody_knows_whether_it_was_recorded(
    uploading: Uploading, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = uploading.door
    plain = door.services.commit.run
    calls: list[object] = []

    async def forgetful(work: Any) -> Any:
        calls.append(work)
        result = await plain(work)
        if len(calls) == 2:  # recorded, and the store's answer is lost
            raise StorageUnavailable("the store: the connection is gone")
        return result

    with monkeypatch.context() as patch:
        patch.setattr(door.services.commit, "run", forgetful)
        assert uploading.send("坏", data_id="f-1").status_code == 503
    door.clock.move(hours=3)
    assert sweep(door) == 0
    again = uploading.send("坏", data_id="f-1")
    assert uploading.stored() == [again.json()["upload_id"]]
    uploading.work()
    assert uploading.get(again.json()["upload_id"]).json()["result"]["verdict"] == "block"


def test_what_a_crash_left_unfinished_is_taken_out_too(tmp_path: Path) -> None:
    objects = ObjectStore(tmp_path / "files")
    id_ = new_id(START)

    async def stopped() -> AsyncIterator[bytes]:
        yield b"x" * 6_000_000
        halves.extend(path for path in (tmp_path / "files").rglob("*") if path.is_file())
        halves[0].rename(halves[0].with_name("kept"))
        raise RuntimeError

    halves: list[Path] = []
    with pytest.raises(RuntimeError):
        asyncio.run(objects.put("a", id_, stopped()))
    halves[0].with_name("kept").rename(halves[0])  # as a kill leaves it
    objects.remove("a", id_)
    assert not halves[0].exists()
