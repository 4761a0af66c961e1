"""The watchdog bites what hangs, and nothing else."""

from __future__ import annotations

import threading

from fixtures.clocks import FixedClock

from workers.watchdog import Watchdog


def open_watchdog() -> tuple[FixedClock, Watchdog, list[str]]:
    clock, bites = FixedClock(), []
    dog = Watchdog(seconds=20, bite=lambda: bites.append("bite"), ticks=clock.ticks)
    return clock, dog, bites


def test_work_that_hangs_is_bitten() -> None:
    clock, dog, bites = open_watchdog()
    dog.beat()
    clock.advance(19)
    assert not dog.look()
    clock.advance(1)
    assert dog.look()
    assert bites == ["bite"]


def test_each_piece_of_work_has_the_whole_time() -> None:
    clock, dog, bites = open_watchdog()
    for _ in range(5):
        dog.beat()
        clock.advance(15)
        dog.look()
    assert bites == []


def test_rest_is_no_hanging() -> None:
    clock, dog, bites = open_watchdog()
    dog.beat()
    dog.rest()
    clock.advance(1_000)
    assert not dog.look()
    assert bites == []


def test_it_looks_on_by_itself_until_it_is_stopped() -> None:
    bitten = threading.Event()
    dog = Watchdog(seconds=0.01, bite=bitten.set)
    dog.start()
    dog.beat()
    assert bitten.wait(20)
    dog.stop()
