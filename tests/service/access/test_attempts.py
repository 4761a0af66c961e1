"""Guessing is slow: five wrong passwords for a name, twenty from an address, then a pause."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from fixtures.clocks import NOW

from service.access.attempts import (
    FAILURES_OF_ADDRESS,
    FAILURES_OF_NAME,
    LOCKED_FOR,
    Attempts,
)

FAR = "192.0.2.7"
SECOND = timedelta(seconds=1)


def fail(attempts: Attempts, times: int, name: str = "ada", address: str | None = FAR) -> None:
    for _ in range(times):
        attempts.count(name, address, NOW)


def test_the_fifth_wrong_password_locks_a_name_for_a_quarter_of_an_hour() -> None:
    attempts = Attempts()
    fail(attempts, FAILURES_OF_NAME - 1)
    assert attempts.wait("ada", FAR, NOW) is None
    fail(attempts, 1)
    assert attempts.wait("ada", None, NOW) == LOCKED_FOR
    assert attempts.wait("ada", None, NOW + LOCKED_FOR - SECOND) == SECOND
    assert attempts.wait("ada", None, NOW + LOCKED_FOR) is None
    assert attempts.wait("bob", None, NOW) is None


def test_an_address_is_locked_for_every_name_once_it_has_guessed_at_many() -> None:
    attempts = Attempts()
    for number in range(FAILURES_OF_ADDRESS):
        assert attempts.wait("bob", FAR, NOW) is None
        fail(attempts, 1, name=f"name-{number}")
    assert attempts.wait("bob", FAR, NOW) == LOCKED_FOR
    assert attempts.wait("bob", "192.0.2.8", NOW) is None


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.9.9.9", None])
def test_this_machine_itself_is_never_locked_since_a_proxy_may_stand_for_everybody(
    address: str | None,
) -> None:
    attempts = Attempts()
    for number in range(3 * FAILURES_OF_ADDRESS):
        fail(attempts, 1, name=f"name-{number}", address=address)
    assert attempts.wait("bob", address, NOW) is None


def test_a_right_password_clears_the_name_and_not_the_address() -> None:
    attempts = Attempts()
    for number in range(FAILURES_OF_ADDRESS // 4):
        fail(attempts, 4, name=f"name-{number}")
        attempts.forget(f"name-{number}")
    assert attempts.wait("name-1", None, NOW) is None
    assert attempts.wait("name-1", FAR, NOW) is not None


def test_wrong_passwords_of_long_ago_do_not_count() -> None:
    attempts = Attempts()
    fail(attempts, FAILURES_OF_NAME - 1)
    later: datetime = NOW + LOCKED_FOR
    attempts.count("ada", FAR, later)
    assert attempts.wait("ada", FAR, later) is None


def test_memory_stays_bounded_whatever_names_are_tried() -> None:
    attempts = Attempts(most_kept=100)
    for number in range(1_000):
        fail(attempts, 1, name=f"\ud800{number}", address=f"192.0.2.{number % 250}")
    assert len(attempts._counts) == 100
