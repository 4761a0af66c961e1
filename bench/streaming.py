"""Benchmark of the stream: messages a second through one consumer against the door.

API and consumer share a core and a store, and only one of them has work at a time; Valkey and what
sends messages share the other core.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from bench.cores import cpu_seconds, load_core, pin, server_core
from bench.door import MODERATIONS_PATH, as_request
from bench.figures import Figure, Size, alternate, compare
from bench.load import Load
from bench.messages import draw
from bench.serving import STOP_WITHIN, TENANT, Served, serve
from service.kernel.redis_client import embedded_url, socket_path
from workers.stream import DECISIONS, SUBMISSIONS
from workers.valkey import command, folder_of

AHEAD = 2_000
"""Messages that wait in the stream at least, so that the consumer never waits for one."""

PORTION = 500
START_WITHIN = 60.0
_DRAIN = 0.6


def compare_with_door(size: Size) -> list[Figure]:
    """`stream_vs_http`: the same messages through the consumer and through the door."""
    messages = draw(size.messages)
    with serve() as served:
        pin(load_core())
        with run_valkey(served.folder) as redis, run_consumer(served, redis) as consumer:
            bodies = [msgspec.json.encode({"text": text}) for text in messages]
            requests = [as_request(served, "POST", MODERATIONS_PATH, body) for body in bodies]
            _wait_for_door(served)
            stream = _Side(redis, consumer, messages, size)

            door = _Door(served, requests, size)
            pairs = alternate(size.rounds, stream.run, door.run)
    return [
        compare(
            "stream_vs_http",
            pairs,
            lambda ours, theirs: ours / theirs,
            lambda ours, theirs: (
                f"stream: {ours:,.0f} messages/s ({1e6 / ours:,.0f} µs)",
                f"door: {theirs:,.0f} requests/s ({1e6 / theirs:,.0f} µs)",
            ),
            [stream.used.describe("consumer"), door.used.describe("door")],
        )
    ]


class _Used:
    """The CPU time that a process used while it did so many things."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._began = 0.0
        self._shares: list[float] = []
        self._each: list[float] = []

    def start(self) -> None:
        self._began = cpu_seconds(self._process) or 0.0

    def stop(self, seconds: float, done: int) -> None:
        used = (cpu_seconds(self._process) or 0.0) - self._began
        self._shares.append(used / seconds)
        self._each.append(used / max(done, 1) * 1e6)

    def describe(self, name: str) -> str:
        """How busy it was, and what one thing took."""
        return f"CPU of the {name} {median(self._shares):.0%}, {median(self._each):,.0f} µs each"


class _Door:
    """The API, asked the same by clients that keep their connections."""

    def __init__(self, served: Served, requests: list[bytes], size: Size) -> None:
        self._served = served
        self._requests = cycle(requests)
        self._size = size
        self.used = _Used(served.process)

    def run(self) -> float:
        """Requests a second in one round."""
        sleep(_DRAIN)
        # Anew in each round, since the server closes connections that do nothing for 5 s.
        with closing(Load(self._served.port, self._size.connections)) as load:
            load.run(self._requests, self._size.settling)
            self.used.start()
            burst = load.run(self._requests, self._size.seconds)
            self.used.stop(burst.seconds, burst.answers)
        return burst.rate


class _Side:
    """The stream with its consumer, kept from running dry while it is measured."""

    def __init__(self, redis: Redis, consumer: int, messages: list[str], size: Size) -> None:
        self._redis = redis
        self._size = size
        self._items = cycle(
            msgspec.json.encode({"tenant": TENANT, "text": text}) for text in messages
        )
        self._sent = 0
        self.used = _Used(consumer)

    def run(self) -> float:
        """Results a second in one round."""
        self._feed(self._size.settling)
        self.used.start()
        before, began = self._settled(), perf_counter()
        self._feed(self._size.seconds)
        while self._settled() == before:  # a round so short that no batch was settled in it
            sleep(0.005)
        done, seconds = self._settled() - before, perf_counter() - began
        self.used.stop(seconds, done)
        while self._settled() < self._sent:
            sleep(0.01)
        return done / seconds

    def _feed(self, seconds: float) -> None:
        end = perf_counter() + seconds
        while perf_counter() < end:
            if self._sent - self._settled() > AHEAD:
                sleep(0.005)
                continue
            pipe = self._redis.pipeline(transaction=False)
            for _ in range(PORTION):
                pipe.xadd(SUBMISSIONS, {"item": next(self._items)})
            pipe.execute()
            self._sent += PORTION

    def _settled(self) -> int:
        return count_added(self._redis)


def count_added(redis: Redis) -> int:
    """Results that were ever added."""
    if not redis.exists(DECISIONS):
        return 0
    about = redis.xinfo_stream(DECISIONS)
    assert isinstance(about, dict)
    return int(about["entries-added"])


@contextmanager
def run_valkey(folder: Path) -> Iterator[Redis]:
    """A server as `./run` starts it, in `folder`, on this thread's core; and a client of it."""
    for path in (folder_of(folder), socket_path(folder).parent):
        path.mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen(command(folder), stdout=subprocess.DEVNULL)
    redis = Redis.from_url(embedded_url(folder), protocol=2)
    try:
        _wait_for(redis)
        yield redis
    finally:
        redis.close()
        server.kill()
        server.wait()


@contextmanager
def run_consumer(served: Served, redis: Redis) -> Iterator[int]:
    """A consumer on the server's core; its process id, once it has settled something."""
    core = server_core()
    words = [sys.executable, "-m", "bench.consumer", "-" if core is None else str(core)]
    consumer = subprocess.Popen(words, env=served.environment, cwd=served.folder)
    try:
        item = msgspec.json.encode({"tenant": TENANT, "text": "明天下午三点开会"})
        redis.xadd(SUBMISSIONS, {"item": item})
        deadline = monotonic() + START_WITHIN
        while not count_added(redis):
            if consumer.poll() is not None or monotonic() > deadline:
                raise RuntimeError("the consumer did not start; its own message stands above")
            sleep(0.05)
        redis.delete(DECISIONS)
        yield consumer.pid
    finally:
        consumer.send_signal(signal.SIGTERM)
        try:
            consumer.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            consumer.kill()
            consumer.wait()


def _wait_for_door(served: Served) -> None:
    """Return once the server answers."""
    with closing(Load(served.port, 1)) as load:
        load.ask(as_request(served, "GET", "/healthz", b""))


def _wait_for(redis: Redis) -> None:
    deadline = monotonic() + START_WITHIN
    while True:
        try:
            redis.ping()
            return
        except RedisError:
            if monotonic() > deadline:
                raise
            sleep(0.01)
