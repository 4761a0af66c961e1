"""kill -9 of the API around an upload: the retry under its key is the one upload there is, and what
was kept of the first try is swept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from one_api import Api
from sqlalchemy import Connection

from service.kernel.db import WRITES, open_engine
from service.kernel.ticking import run_all
from service.kernel.topics import Later, Topic, Topics
from service.settings import load_settings
from service.uploads.jobs import forget_topic
from service.uploads.steps import SCAN
from service.wiring.objects import build_objects
from service.wiring.time_alone import build_housekeeping
from workers.apart import ApartWorker

pytestmark = pytest.mark.process

FILE = b"an ordinary text\n" * 500_000  # 8.5 MB: kept in two pieces


@dataclass
class Standing:
    """A clock that stands."""

    time: datetime

    def now(self) -> datetime:
        return self.time


def sweep(api: Api, now: datetime) -> None:
    """What the scheduler does every minute, and what the scanner makes of it."""
    engine = open_engine(f"sqlite:///{api.store}")
    writer = engine.execution_options(**{WRITES: True})

    def within(work: Callable[[Connection], int]) -> int:
        with writer.begin() as conn:
            return work(conn)

    run_all(within, build_housekeeping(), now)
    objects = build_objects(load_settings({"MODERATION_DATA_DIR": str(api.folder)}))
    later = Topic(name=SCAN, handle=lambda *_: Later(timedelta(days=1), "later", counted=False))
    topics = Topics([forget_topic(objects), later])
    worker = ApartWorker(engine=engine, topics=topics, clock=Standing(now))
    while worker.step() == 0.0:
        pass
    engine.dispose()


@pytest.mark.parametrize(("moment", "left"), [("half", "#1"), ("kept", "")])
def test_what_was_kept_but_never_recorded_is_swept(tmp_path: Path, moment: str, left: str) -> None:
    api = Api(tmp_path)
    with api.up() as process:
        api.arm(moment)
        assert api.upload(FILE, Idempotency_Key="k-1") is None
        assert process.end() < 0
    (orphan,) = api.files()
    assert orphan == orphan[:36] + left
    assert api.rows("SELECT id FROM uploads") == []
    with api.up():
        answer = api.upload(FILE, Idempotency_Key="k-1")
        assert answer is not None
        assert (answer[0], answer[2]) == (202, False)
        upload_id = answer[1]["upload_id"]
        now = datetime.now(UTC)
        sweep(api, now + timedelta(hours=1))
        assert orphan in api.files()
        sweep(api, now + timedelta(hours=3))
        assert api.files() == [upload_id]
        again = api.upload(FILE, Idempotency_Key="k-1")
    assert again == (202, answer[1], True)
    assert api.rows("SELECT id FROM uploads") == [(upload_id,)]
    assert api.rows("SELECT id FROM upload_arrivals") == []


def test_the_retry_gets_the_upload_that_was_recorded(tmp_path: Path) -> None:
    api = Api(tmp_path)
    with api.up() as process:
        api.arm("recorded")
        assert api.upload(FILE, Idempotency_Key="k-1") is None
        assert process.end() < 0
    ((recorded,),) = api.rows("SELECT id FROM uploads")
    with api.up():
        answer = api.upload(FILE, Idempotency_Key="k-1")
        other = api.upload(FILE + b".", Idempotency_Key="k-1")
    assert answer == (202, {"upload_id": recorded, "status": "pending"}, True)
    assert other is not None
    assert (other[0], other[1]["code"]) == (409, "idempotency_conflict")
    sweep(api, datetime.now(UTC) + timedelta(hours=3))
    assert api.files() == [recorded]
