"""Benchmarks of consequences: what being durable costs, and how fast the function check is."""

from __future__ import annotations

import os
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Final

import msgspec

from bench.cores import load_core, pin
from bench.door import MODERATIONS_PATH, Side, allowed_bodies, as_posts, as_request
from bench.figures import Figure, Size, alternate, compare
from bench.load import Load
from bench.messages import draw_breaching
from bench.server import NOOP_PATH
from bench.serving import Served, serve

CLIENTS: Final = 64
"""Connections that wait for their blocked answers at the same time."""

RESTRICTED: Final = 100
"""Accounts that are restricted while the function check is asked."""

MANY_ACCOUNTS: Final = 20_000
"""Accounts of blocked and of allowed messages: each has a handful in all rounds together."""

_ACCOUNTS: Final = 1_000
_SYNC_SECONDS: Final = 0.3
_SURE: Final = "澳门赌 博网站，充值送彩金，加微信"


def compare_durable_with_allow(size: Size) -> list[Figure]:
    """`durable_vs_allow`: blocked messages, each with measures and a case, against allowed ones.

    Both name an account, a different one each time.
    """
    with serve() as served:
        pin(load_core())
        with closing(Load(served.port, CLIENTS)) as load:
            load.ask(as_request(served, "GET", "/healthz", b""))  # answered once it is up
            allowed = _with_accounts(allowed_bodies(served, load, size.messages), MANY_ACCOUNTS)
            blocked = _with_accounts(_blocked_bodies(served, load, size.messages), MANY_ACCOUNTS)
            durable = Side(served, load, as_posts(served, MODERATIONS_PATH, blocked), size)
            allow = Side(served, load, as_posts(served, MODERATIONS_PATH, allowed), size)
            pairs = alternate(size.rounds, durable.run, allow.run)
        syncs = _count_syncs(served.folder)

    def describe(durable: float, allow: float) -> tuple[str, str]:
        return f"blocked: {durable:,.0f} requests/s", f"allowed: {allow:,.0f} requests/s"

    notes = [
        durable.describe("blocked"),
        allow.describe("allowed"),
        f"the disk syncs {syncs:,.0f} times a second",
    ]
    return [compare("durable_vs_allow", pairs, lambda one, other: one / other, describe, notes)]


def compare_check_with_noop(size: Size) -> list[Figure]:
    """`function_check_vs_noop`: whether an account may use a function, against the no-op."""
    with serve() as served:
        pin(load_core())
        with closing(Load(served.port, size.connections)) as load:
            load.ask(as_request(served, "GET", "/healthz", b""))  # answered once it is up
            for body in _with_accounts([msgspec.json.encode({"text": _SURE})], RESTRICTED):
                load.ask(as_request(served, "POST", MODERATIONS_PATH, body))
            asked = [
                as_request(served, "GET", f"/v1/accounts/u-{at}/functions/im.send", b"")
                for at in range(_ACCOUNTS)
            ]
            bodies = allowed_bodies(served, load, size.messages)
            check = Side(served, load, asked, size)
            noop = Side(served, load, as_posts(served, NOOP_PATH, bodies), size)
            pairs = alternate(size.rounds, check.run, noop.run)

    def describe(check: float, noop: float) -> tuple[str, str]:
        return f"check: {check:,.0f} requests/s", f"no-op: {noop:,.0f} requests/s"

    notes = [
        check.describe("function check"),
        noop.describe("no-op"),
        f"{RESTRICTED} of {_ACCOUNTS} accounts restricted",
    ]
    return [
        compare("function_check_vs_noop", pairs, lambda one, other: one / other, describe, notes)
    ]


def _with_accounts(bodies: list[bytes], count: int) -> list[bytes]:
    """`count` bodies, these over and over, each of an account of its own."""
    read = [msgspec.json.decode(body) for body in bodies]
    return [
        msgspec.json.encode(body | {"account": {"id": f"u-{at}"}})
        for at, body in enumerate(islice(cycle(read), count))
    ]


def _blocked_bodies(served: Served, load: Load, count: int) -> list[bytes]:
    """Bodies that the server answers with block."""
    texts = [_SURE, *draw_breaching(count)]
    bodies = [msgspec.json.encode({"text": text}) for text in texts]
    blocked = [
        body
        for body in bodies
        if b'"verdict":"block","categories":['
        in load.ask(as_request(served, "POST", MODERATIONS_PATH, body))
    ]
    return blocked or bodies[:1]


def _count_syncs(folder: Path) -> float:
    """How many times a second this disk syncs a small write."""
    path = folder / "sync"
    with path.open("wb", buffering=0) as file:
        count, began = 0, perf_counter()
        while perf_counter() - began < _SYNC_SECONDS:
            file.write(b"0" * 4_096)
            os.fsync(file.fileno())
            count += 1
        took = perf_counter() - began
    path.unlink()
    return count / took
