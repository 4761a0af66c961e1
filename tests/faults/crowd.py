"""Fault 11 at any size: a crowd of clients contests decisions at once over HTTP, then everything is
listed, and the memory of the API is watched all along."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from one_api import Api
from whole_product import GAMBLING

from service.access import people_store
from service.access.model import SessionKind
from service.access.sessions import make_session
from service.appeals.model import DUE, AppealState, Queue
from service.appeals.tables import appeals
from service.kernel.clock import SystemClock
from service.kernel.db import WRITES, open_engine
from service.kernel.ids import new_id

MOST_SECONDS: Final = 0.5
"""For a page of appeals, whatever it filters by."""

MOST_GROWTH: Final = 64.0
"""Megabytes by which the API may grow after the first of the rounds."""

FILTERS: Final = (
    "limit=200",
    "limit=200&state=open",
    "limit=200&state=decided",
    "limit=200&expedited=false",
    "limit=200&account_id=u-1",
    "limit=200&holder_id=nobody",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many appeals in how many rounds, besides those that the store has `already`; each tenth
    decision is contested by `rivals` at once."""

    appeals: int = 100_000
    already: int = 0
    clients: int = 100
    rounds: int = 10
    rivals: int = 3


@dataclass
class CrowdReport:
    """What happened: seconds for each answer and page, and megabytes after each round."""

    filed: list[float] = field(default_factory=list)
    refused: int = 0
    pages: dict[str, list[float]] = field(default_factory=dict)
    resident: list[float] = field(default_factory=list)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The figures, one a line."""
        rate = (len(self.filed) + self.refused) / self.seconds
        yield (
            f"{len(self.filed)} appeals accepted, {self.refused} refused as open already,"
            f" {rate:.0f} a second; {told(self.filed)}"
        )
        yield f"memory of the API after each round: {[round(it) for it in self.resident]} MB"
        for name, spent in self.pages.items():
            yield f"{name}: {len(spent)} pages, {told(spent)}"
        yield from (f"FAULT: {fault}" for fault in self.faults)


def told(seconds: list[float]) -> str:
    """Median, 99th percentile and most."""
    ordered = sorted(seconds)
    p99 = ordered[len(ordered) * 99 // 100]
    return (
        f"p50 {ordered[len(ordered) // 2] * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms,"
        f" most {ordered[-1] * 1000:.0f} ms"
    )


class Line:
    """One client's connection, kept open."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._key = port, key
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: object = None, *, cookie: str = ""
    ) -> tuple[int, bytes]:
        """Status and body."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        data = b"" if body is None else json.dumps(body).encode()
        who = f"Cookie: session={cookie}" if cookie else f"Authorization: Bearer {self._key}"
        kind = "Content-Type: application/json\r\n" if data else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{who}\r\n{kind}"
        writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        first, *fields = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        sizes = [it for it in fields if it.lower().startswith(b"content-length:")]
        return int(first.split()[1]), await reader.readexactly(int(sizes[0].partition(b":")[2]))

    async def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            await self._streams[1].wait_closed()


class Crowd:
    """A hundred clients and one API over a store of its own."""

    def __init__(
        self, folder: Path, size: Size, *, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self._api = Api(folder)
        self._say = say
        self._size = size
        self._cookie = self._prepare()
        self.report = CrowdReport()

    def come(self) -> CrowdReport:
        """Have them appeal, list it all, and count."""
        with self._api.up() as process:
            asyncio.run(self._come(process.pid))
        self._count()
        return self.report

    def _prepare(self) -> str:
        """Write what the store has already; the cookie of a person who rules on appeals."""
        now = SystemClock().now()
        engine = open_engine(f"sqlite:///{self._api.store}")
        with engine.execution_options(**{WRITES: True}).begin() as conn:
            person = people_store.find_person(conn, "a.appeal_reviewer")
            assert person is not None
            token, session = make_session(person, SessionKind.WEB, now=now)
            people_store.insert_session(conn, session)
            for first in range(0, self._size.already, 5_000):
                count = min(5_000, self._size.already - first)
                conn.execute(appeals.insert(), [_open_appeal(now) for _ in range(count)])
        engine.dispose()
        return token

    async def _come(self, pid: int) -> None:
        each = self._size.appeals // self._size.rounds
        for number in range(self._size.rounds):
            async with self._lines(1) as (line,):
                waiting = await self._block(line, number * each, each)
            began = time.monotonic()
            async with self._lines(self._size.clients) as lines:
                await asyncio.gather(*(self._contest(line, waiting) for line in lines))
            self.report.seconds += time.monotonic() - began
            self.report.resident.append(resident(pid))
            spent = self.report.seconds
            self._say(f"{len(self.report.filed)} accepted, {spent:.0f} s of filing so far")
        async with self._lines(1) as (line,):
            for name in FILTERS:
                await self._walk(line, name, every=name == FILTERS[0])
            await self._look(line)
        grown = self.report.resident[-1] - self.report.resident[0]
        if grown > MOST_GROWTH:
            self.report.faults.append(f"the API grew by {grown:.0f} MB")

    @asynccontextmanager
    async def _lines(self, count: int) -> AsyncIterator[list[Line]]:
        """Connections of so many clients; the server hangs up on those that are idle for long."""
        lines = [Line(self._api.port, self._api.key) for _ in range(count)]
        yield lines
        await asyncio.gather(*(line.close() for line in lines))

    async def _block(self, line: Line, first: int, count: int) -> list[str]:
        """Decisions with measures to contest, some of them several times over."""
        waiting: list[str] = []
        for start in range(first, first + count, 100):
            items = [
                {"text": f"{GAMBLING} {number}", "account": {"id": f"u-{number}"}}
                for number in range(start, min(start + 100, first + count))
            ]
            _, body = await line.ask("POST", "/v1/moderations/batch", {"items": items})
            for number, result in enumerate(json.loads(body)["results"]):
                times = self._size.rivals if number % 10 == 0 else 1
                waiting.extend([result["decision_id"]] * times)
        return waiting

    async def _contest(self, line: Line, waiting: list[str]) -> None:
        while waiting:
            path = f"/v1/decisions/{waiting.pop()}/appeals"
            began = time.monotonic()
            status, body = await line.ask("POST", path, {"grounds": "it is none"})
            if status == 201:
                self.report.filed.append(time.monotonic() - began)
            elif status == 409 and json.loads(body)["code"] == "appeal_open":
                self.report.refused += 1
            else:
                self.report.faults.append(f"filing answered {status}")

    async def _walk(self, line: Line, query: str, *, every: bool) -> None:
        """Read a list to its end, or its first pages; all of it must be there once."""
        spent, seen, cursor = [], Counter[str](), ""
        while every or len(spent) < 20:
            began = time.monotonic()
            status, body = await line.ask("GET", f"/v1/appeals?{query}{cursor}")
            spent.append(time.monotonic() - began)
            page: dict[str, Any] = json.loads(body)
            if status != 200:
                self.report.faults.append(f"{query} answered {status}")
                break
            seen.update(item["id"] for item in page["items"])
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        due = len(self.report.filed) + self._size.already
        if every and (len(seen), max(seen.values())) != (due, 1):
            self.report.faults.append(f"{len(seen)} of {due} are listed")
        self._time(f"/v1/appeals?{query}", spent)

    async def _look(self, line: Line) -> None:
        """What a person sees: the queue, page by page."""
        spent, address = [], "/review/appeals?lang=en"
        for _ in range(20):
            began = time.monotonic()
            status, body = await line.ask("GET", address, cookie=self._cookie)
            spent.append(time.monotonic() - began)
            if status != 200:
                self.report.faults.append(f"/review/appeals answered {status}")
                break
            _, found, rest = body.decode().partition("cursor=")
            if not found:
                break
            cursor = rest.partition('"')[0].partition("&")[0]
            address = f"/review/appeals?lang=en&queue=ordinary&cursor={cursor}"
        self._time("/review/appeals", spent)

    def _time(self, name: str, spent: list[float]) -> None:
        self.report.pages[name] = spent
        if max(spent) > MOST_SECONDS:
            self.report.faults.append(f"{name}: a page took {max(spent):.2f} s")

    def _count(self) -> None:
        """Each decision has one open appeal, and each that was accepted is there."""
        query = "SELECT COUNT(*), COUNT(DISTINCT case_id) FROM appeals WHERE state = 'open'"
        ((kept, about),) = self._api.rows(query)
        accepted = len(self.report.filed) + self._size.already
        if not kept == about == accepted:
            self.report.faults.append(f"{accepted} accepted, {kept} kept about {about} cases")


def _open_appeal(now: datetime) -> dict[str, Any]:
    """One that nobody has looked at, of an account of its own."""
    id_ = new_id(now)
    return {
        "tenant_id": "a",
        "id": id_,
        "case_id": id_,
        "decision_id": id_,
        "account_id": id_,
        "queue": Queue.ORDINARY.value,
        "state": AppealState.OPEN.value,
        "version": 1,
        "grounds": "it is none",
        "evidence": (),
        "fence": 0,
        "filed_at": now,
        "due_at": now + DUE[Queue.ORDINARY],
    }


def resident(pid: int) -> float:
    """Megabytes of memory of a process (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(it.split()[1]) / 1024 for it in lines if it.startswith("VmRSS"))
