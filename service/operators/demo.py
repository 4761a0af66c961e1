"""POST /demo/clock, in demo mode only: moves the clock of every process forward."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from service.kernel.db import StorageError
from service.kernel.demo_clock import DemoClock, write_offset
from service.kernel.group_commit import GroupCommit
from service.kernel.problems import Problem, ProblemKind, invalid, storage_problem
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer, read_body, require_json
from service.kernel.ticking import ROUNDS, ROWS, Ticks, run_tick

MAX_BODY: Final = 1_024
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Up to when the clock can be moved."""

NOT_FORWARD: Final = ProblemKind(
    "clock_not_forward", 409, "The demo clock only moves forward; it is past that time already."
)


class ClockTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The service's time, with its zone."""

    now: datetime


class DemoRoutes:
    """The endpoint with what it needs."""

    def __init__(
        self,
        *,
        clock: DemoClock,
        commit: GroupCommit,
        ticks: Ticks,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        self._clock = clock
        self._commit = commit
        self._ticks = ticks
        self._settle = settle

    async def move_clock(self, request: Request) -> Response:
        """Move the clock, then do at once what time alone does."""
        headers = dict(request.scope["headers"])
        require_json(headers)
        wanted = _decode(await read_body(request.receive, headers, MAX_BODY)).now
        if wanted.tzinfo is None:
            raise invalid("/now", "no_zone", "/now: give a time with its zone, such as …Z")
        if wanted > LATEST:
            raise invalid("/now", "too_late", f"/now: at most {LATEST:%Y-%m-%d}")
        if wanted < self._clock.now():
            raise Problem(NOT_FORWARD)
        offset = wanted - self._clock.machine_time()
        try:
            await self._commit.run(partial(write_offset, offset=offset))
            self._clock.reread()
            await self._run_ticks()
        except StorageError as error:
            raise storage_problem(error) from None
        await self._settle()
        return JsonAnswer(msgspec.json.encode(ClockTime(self._clock.now())))

    async def _run_ticks(self) -> None:
        for name, tick in self._ticks.items():
            for _ in range(ROUNDS):
                now = self._clock.now()
                work = partial(run_tick, name=name, tick=tick, now=now, wait=True)
                if await self._commit.run(work) < ROWS:
                    break


_decode = StrictDecoder(ClockTime).decode
