"""Benchmarks through HTTP: what moderating adds to a request that does nothing."""

from __future__ import annotations

from contextlib import closing
from itertools import cycle
from statistics import median
from time import sleep

import msgspec

from bench.cores import cpu_seconds, load_core, pin, resident_megabytes
from bench.figures import Figure, Size, alternate, compare
from bench.load import Burst, Load
from bench.messages import draw_benign
from bench.server import NOOP_PATH
from bench.serving import Served, serve

MODERATIONS_PATH = "/v1/moderations"
_DRAIN = 0.6
"""Seconds in which the server writes what one side left behind, before the other has its turn."""


def compare_with_noop(size: Size) -> list[Figure]:
    """`http_vs_noop` and `http_overhead_us`: allowed messages against the no-op's."""
    with serve() as served:
        pin(load_core())
        with closing(Load(served.port, size.connections)) as load:
            load.ask(as_request(served, "GET", "/healthz", b""))  # answered once it is up
            memory = resident_megabytes(served.process)
            bodies = allowed_bodies(served, load, size.messages)
            ours = Side(served, load, as_posts(served, MODERATIONS_PATH, bodies), size)
            noop = Side(served, load, as_posts(served, NOOP_PATH, bodies), size)
            pairs = alternate(size.rounds, ours.run, noop.run)
    notes = [ours.describe("moderations"), noop.describe("no-op")]
    if memory is not None:
        notes.append(f"memory of the server at rest: {memory:,.0f} MB")

    def describe(ours: float, noop: float) -> tuple[str, str]:
        return (
            f"moderations: {ours:,.0f} requests/s ({1e6 / ours:,.0f} µs)",
            f"no-op: {noop:,.0f} requests/s ({1e6 / noop:,.0f} µs)",
        )

    return [
        compare("http_vs_noop", pairs, lambda ours, noop: ours / noop, describe, notes),
        compare(
            "http_overhead_us", pairs, lambda ours, noop: 1e6 / ours - 1e6 / noop, describe
        ),
    ]  # fmt: skip


class Side:
    """One of two sides, the `requests` it sends again and again, and what its rounds showed."""

    def __init__(self, served: Served, load: Load, requests: list[bytes], size: Size) -> None:
        self._served = served
        self._load = load
        self._requests = cycle(requests)
        self._size = size
        self._bursts: list[Burst] = []
        self._used: list[float] = []

    def run(self) -> float:
        """Requests a second in one round."""
        sleep(_DRAIN)
        self._load.run(self._requests, self._size.settling)
        before = cpu_seconds(self._served.process)
        burst = self._load.run(self._requests, self._size.seconds)
        after = cpu_seconds(self._served.process)
        if before is not None and after is not None:
            self._used.append(after - before)
        self._bursts.append(burst)
        return burst.rate

    def describe(self, name: str) -> str:
        """Latencies of all rounds, and how busy server and load were."""
        latencies = sorted(latency for burst in self._bursts for latency in burst.latencies)
        p50, p99 = (latencies[int(len(latencies) * share)] * 1e3 for share in (0.5, 0.99))
        busy = median(burst.busy for burst in self._bursts)
        return (
            f"{name}, {self._load.connections} connections: p50 {p50:.2f} ms, p99 {p99:.2f} ms; "
            f"CPU of the load {busy:.0%}, of the server {self._describe_server()}"
        )

    def _describe_server(self) -> str:
        if not self._used:
            return "unknown"
        share = sum(self._used) / sum(burst.seconds for burst in self._bursts)
        each = sum(self._used) / sum(burst.answers for burst in self._bursts)
        return f"{share:.0%}, {each * 1e6:,.0f} µs a request"


def allowed_bodies(served: Served, load: Load, count: int) -> list[bytes]:
    """Bodies of different messages that the server answers with allow; each is sent once."""
    bodies = [msgspec.json.encode({"text": text}) for text in draw_benign(count)]
    return [
        body
        for body in bodies
        if b'"verdict":"allow","categories":[' in load.ask(
            as_request(served, "POST", MODERATIONS_PATH, body)
        )
    ]  # fmt: skip


def as_posts(served: Served, path: str, bodies: list[bytes]) -> list[bytes]:
    """The bytes of a POST for each body."""
    return [as_request(served, "POST", path, body) for body in bodies]


def as_request(served: Served, method: str, path: str, body: bytes) -> bytes:
    """The bytes of a request with the benchmarks' key."""
    head = (
        f"{method} {path} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{served.port}\r\n"
        f"Authorization: Bearer {served.secret}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
