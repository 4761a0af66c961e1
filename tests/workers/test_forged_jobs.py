"""Jobs that somebody else wrote into Redis: refused, kept as dead letters, counted, never run."""

from __future__ import annotations

import json
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fixtures.clocks import FixedClock
from fixtures.outbox_rows import Notes, put
from fixtures.valkey import Valkey
from rq import Callback, Queue
from rq import Retry as RqRetry
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer
from rq.webhook import Webhook
from sqlalchemy import Engine

from service.kernel.redis_client import Redis, open_redis
from service.kernel.refused import refused_by_reason
from service.kernel.topics import Topics
from workers.jobs import NAME, QUEUE, JobQueue, Refused, read_payload
from workers.relay import Relay
from workers.run import Worker

pytestmark = pytest.mark.process

PAYLOAD = {"tenant": "a", "subject": "account:1", "fence": 1}


class Explodes:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def forge(client: Redis, job: Job) -> str:
    job.origin = QUEUE
    job.save()
    client.rpush(f"rq:queue:{QUEUE}", job.id)
    return job.id


def job(client: Redis, function: str = NAME, **options: Any) -> Job:
    options.setdefault("kwargs", PAYLOAD)
    return Job.create(function, connection=client, serializer=JSONSerializer, **options)


def raw(client: Redis, job_id: str, **fields: bytes | str) -> str:
    wanted = {"data": json.dumps([NAME, None, [], PAYLOAD]), "status": "queued", "origin": QUEUE}
    client.hset(f"rq:job:{job_id}", mapping=wanted | fields)
    client.rpush(f"rq:queue:{QUEUE}", job_id)
    return job_id


def a_callable(client: Redis, mark: Path) -> str:
    return forge(client, job(client, "os.system", args=[f"touch {mark}"], kwargs={}))


def a_callback(client: Redis, mark: Path) -> str:
    return forge(
        client, job(client, on_success=Callback("os.system"), on_failure=Callback("os.system"))
    )


def a_method(client: Redis, mark: Path) -> str:
    data = json.dumps(["system", {"a": 1}, [f"touch {mark}"], {}])
    return raw(client, "method", data=data)


def a_pickle(client: Redis, mark: Path) -> str:
    return raw(client, "pickle", data=zlib.compress(pickle.dumps(Explodes(mark))))


def a_pickled_meta(client: Redis, mark: Path) -> str:
    return raw(client, "meta", meta=pickle.dumps(Explodes(mark)))


def a_pickled_result(client: Redis, mark: Path) -> str:
    return raw(client, "result", result=pickle.dumps(Explodes(mark)))


def a_webhook(client: Redis, mark: Path) -> str:
    hook = Webhook("http://127.0.0.1:9/", job_status="failed")
    return forge(client, job(client, webhooks=[hook]))


def a_repeat(client: Redis, mark: Path) -> str:
    return raw(client, "repeat", repeats_left="1000000")


def a_bomb(client: Redis, mark: Path) -> str:
    return raw(client, "bomb", data=zlib.compress(b"[" * 50_000_000))


def a_deep_one(client: Redis, mark: Path) -> str:
    return raw(client, "deep", data="[" * 4_000)


def no_date(client: Redis, mark: Path) -> str:
    return raw(client, "date", created_at="yesterday", timeout="long")


def no_state(client: Redis, mark: Path) -> str:
    return raw(client, "state", status="conquered")


def no_hash(client: Redis, mark: Path) -> str:
    client.set("rq:job:text", "a text")
    client.rpush(f"rq:queue:{QUEUE}", "text")
    return "text"


def no_data(client: Redis, mark: Path) -> str:
    client.hset("rq:job:empty", "status", "queued")
    client.rpush(f"rq:queue:{QUEUE}", "empty")
    return "empty"


def more_than_ids(client: Redis, mark: Path) -> str:
    return forge(client, job(client, kwargs=PAYLOAD | {"run": "os.system"}))


FORGED: list[tuple[Callable[[Redis, Path], str], str]] = [
    (a_callable, "callable"),
    (a_method, "callable"),
    (a_callback, "callback"),
    (a_pickle, "pickle"),
    (a_pickled_meta, "field"),
    (a_pickled_result, "field"),
    (a_repeat, "field"),
    (a_webhook, "webhook"),
    (a_bomb, "malformed"),
    (a_deep_one, "malformed"),
    (no_date, "malformed"),
    (no_state, "malformed"),
    (no_hash, "malformed"),
    (no_data, "malformed"),
    (more_than_ids, "malformed"),
]


@pytest.fixture
def engine(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Any:
    import shutil

    from service.kernel.db import open_engine

    shutil.copy(migrated_file, tmp_path / "store.sqlite3")
    engine = open_engine(f"sqlite:///{tmp_path}/store.sqlite3")
    yield engine
    engine.dispose()


@pytest.mark.parametrize(("write", "why"), FORGED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_forged_job_is_refused_kept_and_counted(
    engine: Engine,
    valkey: Valkey,
    tmp_path: Path,
    write: Callable[[Redis, Path], str],
    why: str,
) -> None:
    """And the job behind it, which is ours, is carried out by the same worker."""
    clock, notes, mark = FixedClock(), Notes(), tmp_path / "mark"
    job_id = write(valkey.client, mark)
    put(engine, "ours", now=clock.now())
    Relay(engine, JobQueue(open_redis(valkey.url)), clock).step()
    Worker(engine=engine, redis_url=valkey.url, topics=Topics([notes.topic()]), clock=clock).work(
        burst=True
    )
    assert not mark.exists()
    assert notes.seen == ["ours"]
    with engine.connect() as conn:
        assert refused_by_reason(conn) == {why: 1}
    registry = FailedJobRegistry(QUEUE, valkey.client, serializer=JSONSerializer)
    assert registry.get_job_ids() == [job_id]
    kept = Job.fetch(job_id, connection=valkey.client, serializer=JSONSerializer)
    result = kept.latest_result()
    assert result is not None
    assert result.exc_string == f"refused: {why}"
    assert (kept.func_name, kept.args, kept.failure_callback, kept.webhooks) == (NAME, [], None, [])
    assert valkey.client.llen(f"rq:queue:{QUEUE}:intermediate") == 0


def test_a_job_of_ours_is_not_refused(valkey: Valkey) -> None:
    queue = Queue(QUEUE, connection=valkey.client, serializer=JSONSerializer)
    ours = queue.enqueue_call(NAME, kwargs=PAYLOAD, retry=RqRetry(max=3))
    found = valkey.client.hgetall(ours.key)
    payload = read_payload({name.decode(): value for name, value in found.items()})
    assert (payload.tenant, payload.subject, payload.fence) == ("a", "account:1", 1)


@pytest.mark.parametrize("data", [b"", b"null", b"{}", b"[]", b'["carry_out"]', b"\xff\xfe"])
def test_data_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        read_payload({"data": data})


def test_a_claim_made_up_by_somebody_else_moves_nothing(engine: Engine, valkey: Valkey) -> None:
    clock, notes = FixedClock(), Notes()
    put(engine, "1", now=clock.now())
    forge(valkey.client, job(valkey.client))
    Worker(engine=engine, redis_url=valkey.url, topics=Topics([notes.topic()]), clock=clock).work(
        burst=True
    )
    assert notes.seen == []
