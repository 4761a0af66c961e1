"""Passwords: hashed slowly, off the event loop, few at once, and the same for nobody."""

from __future__ import annotations

import asyncio
import threading
import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters

from service.access.model import WrongAccess
from service.access.passwords import (
    LONGEST,
    SHORTEST,
    Passwords,
    TooMany,
    check_password,
    make_hasher,
)

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PHRASE = "eight words of a long pass phrase"


class HeldHasher(PasswordHasher):
    """Verifies when it is let go, and counts how many are at it."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go = threading.Event()
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        assert self.go.wait(20)
        with self._lock:
            self._now -= 1
        return True


def test_a_password_matches_its_hash_and_no_other() -> None:
    passwords = Passwords(CHEAP)
    hashed = passwords.hash(PHRASE)
    assert hashed.startswith("$argon2id$")
    assert PHRASE not in hashed
    assert passwords.hash(PHRASE) != hashed
    assert passwords.matches(hashed, PHRASE)
    for wrong in (PHRASE + " ", PHRASE.upper(), "", "\0", "\ud800"):
        assert not passwords.matches(hashed, wrong)


def test_nobody_has_a_hash_of_the_same_cost_that_nothing_matches() -> None:
    passwords = Passwords()
    assert extract_parameters(passwords._nobody) == extract_parameters(make_hasher().hash("x"))
    assert not passwords.matches(None, "")
    assert not passwords.matches(None, PHRASE)


@pytest.mark.parametrize("broken", ["", "x", "$argon2id$v=19$m=8,t=1,p=1$$", "$2b$12$abc"])
def test_a_hash_that_is_none_matches_nothing(broken: str) -> None:
    assert not Passwords(CHEAP).matches(broken or "!", PHRASE)


def test_an_old_hash_of_a_lower_cost_goes_on_opening() -> None:
    assert Passwords().matches(Passwords(CHEAP).hash(PHRASE), PHRASE)


def test_a_password_is_the_same_however_the_keyboard_composes_it() -> None:
    composed = "café 口令 ﬁve words"
    passwords = Passwords(CHEAP)
    assert passwords.matches(passwords.hash(composed), unicodedata.normalize("NFD", composed))


def test_hashing_runs_beside_the_event_loop_two_at_once_and_refuses_a_crowd() -> None:
    hasher = HeldHasher()
    passwords = Passwords(hasher, at_once=2, most_waiting=3)

    async def scene() -> None:
        crowd = [asyncio.create_task(passwords.verify("x", PHRASE)) for _ in range(6)]
        _done, waiting = await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
        assert len(waiting) == 5  # the loop went on while every thread was held
        assert isinstance(crowd[5].exception(), TooMany)
        hasher.go.set()
        assert await asyncio.gather(*crowd[:5]) == [True] * 5
        assert await passwords.verify("x", PHRASE)

    asyncio.run(asyncio.wait_for(scene(), 30))
    passwords.close()
    assert hasher.most == 2


@pytest.mark.parametrize(
    "password", ["a b c d e f" + "x" * (SHORTEST - 11), "一二三四" * 3, "abcd" * (LONGEST // 4)]
)
def test_long_enough_is_good_enough(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("abcdefghijk", f"{SHORTEST} to {LONGEST}"),
        ("abcd" * 100, f"{SHORTEST} to {LONGEST}"),
        ("abababababababab", "different"),
        ("abcdefgh\nijklmn", "control"),
        ("abcdefgh\u200bijklmn", "control"),
    ],
)
def test_a_password_that_is_too_easy_or_cannot_be_typed_is_refused(password: str, why: str) -> None:
    with pytest.raises(WrongAccess, match=why) as caught:
        check_password(password)
    assert password not in str(caught.value)
