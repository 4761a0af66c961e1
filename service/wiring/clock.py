"""The clock that every role goes by."""

from __future__ import annotations

from sqlalchemy import Engine

from service.kernel.clock import Clock, SteadyClock, ticks
from service.kernel.demo_clock import DemoClock
from service.settings import Settings


def build_clock(settings: Settings, engine: Engine) -> Clock:
    """The machine's clock, without its jumps; in demo mode moved by the offset in the store."""
    clock = SteadyClock()
    return DemoClock(clock, engine, ticks) if settings.demo else clock
