"""The steady clock believes no jump until it has settled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fixtures.clocks import NOW

from service.kernel.clock import SETTLE_SECONDS, SteadyClock

DAY = timedelta(days=1)


class Machine:
    """A wall clock and ticks that move together, until the wall clock is set."""

    def __init__(self) -> None:
        self.wall = NOW
        self.seconds = 100.0

    def now(self) -> object:
        return self.wall

    def ticks(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


def open_clock() -> tuple[Machine, SteadyClock]:
    machine = Machine()
    return machine, SteadyClock(machine, machine.ticks)  # type: ignore[arg-type]


def test_it_tells_the_wall_clocks_time() -> None:
    machine, clock = open_clock()
    machine.wait(3_600)
    assert clock.now() == NOW + timedelta(hours=1)
    assert clock.settled


def test_small_corrections_are_taken_over_at_once() -> None:
    machine, clock = open_clock()
    machine.wall += timedelta(seconds=2)
    assert clock.now() == NOW + timedelta(seconds=2)
    assert clock.settled


@pytest.mark.parametrize("jump", [DAY, -DAY, timedelta(seconds=6)])
def test_a_jump_is_not_believed_and_time_goes_on(jump: timedelta) -> None:
    machine, clock = open_clock()
    machine.wall += jump
    machine.wait(10)
    assert clock.now() == NOW + timedelta(seconds=10)
    assert not clock.settled


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_jump_that_lasts_is_believed_in_the_end(jump: timedelta) -> None:
    machine, clock = open_clock()
    machine.wall += jump
    for _ in range(int(SETTLE_SECONDS)):
        clock.now()
        machine.wait(1)
    assert clock.now() == machine.wall
    assert clock.settled


def test_a_jump_that_is_taken_back_leaves_no_trace() -> None:
    machine, clock = open_clock()
    machine.wall += DAY
    clock.now()
    machine.wait(5)
    machine.wall -= DAY
    assert clock.now() == NOW + timedelta(seconds=5)
    assert clock.settled


def test_a_clock_that_keeps_jumping_does_not_settle() -> None:
    machine, clock = open_clock()
    for _ in range(30):
        machine.wall += DAY
        machine.wait(10)
        assert clock.now() < NOW + timedelta(seconds=301)
    assert not clock.settled
