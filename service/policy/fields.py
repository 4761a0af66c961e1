"""Reads typed fields out of a parsed TOML table and keeps every problem it meets.

An operator who wrote three mistakes into a file is told of three, each with what to do; so each
reader returns a harmless value instead of raising, and `finish` raises once, at the end.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from service.kernel.registry import MemberError

E = TypeVar("E", bound=StrEnum)


def parse(data: bytes) -> dict[str, object]:
    """Turns the bytes of a TOML file into a table; raises MemberError when it is not TOML."""
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MemberError([f"byte {error.start} is not UTF-8: save the file as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise MemberError([f"is not TOML: {error}: correct it there"]) from None


class Fields:
    """One table being read. `prefix` is the dotted path of the table, for messages."""

    def __init__(self, table: Mapping[str, object], prefix: str = "") -> None:
        self._table = table
        self._prefix = prefix
        self._read: set[str] = set()
        self.problems: list[str] = []

    def refuse(self, problem: str) -> None:
        """Notes a problem that spans several fields."""
        self.problems.append(problem)

    def text(self, key: str) -> str:
        """A string with at least one visible character."""
        value = self._take(key, "a text")
        if isinstance(value, str) and value.strip():
            return value
        if value is not None:
            self._complain(key, "has no text in it", "write one between quotes")
        return ""

    def has(self, key: str) -> bool:
        """Whether the table has the key; a key that is asked for may be left out."""
        self._read.add(key)
        return key in self._table

    def count(self, key: str) -> int:
        """A whole number from 0 on; 0 where it is missing or wrong."""
        value = self._take(key, "a whole number")
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        if value is not None:
            self._complain(key, f"is {value!r}", "write a whole number from 0 on")
        return 0

    def probability(self, key: str) -> float:
        """A number above 0 and at most 1; 1.0 where it is missing or wrong."""
        value = self._take(key, "a number between 0 and 1")
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = float(value)
            if math.isfinite(number) and 0.0 < number <= 1.0:
                return number
        if value is not None:
            self._complain(key, f"is {value!r}", "write a number above 0 and at most 1")
        return 1.0

    def flag(self, key: str) -> bool:
        value = self._take(key, "true or false")
        if isinstance(value, bool):
            return value
        if value is not None:
            self._complain(key, f"is {value!r}", "write true or false, without quotes")
        return False

    def choice(self, key: str, kind: type[E]) -> E:
        """One of the values of an enumeration; its first where it is missing or wrong."""
        allowed = ", ".join(member.value for member in kind)
        value = self._take(key, f"one of {allowed}")
        for member in kind:
            if value == member.value:
                return member
        if value is not None:
            self._complain(key, f"is {value!r}", f"write one of {allowed}")
        return next(iter(kind))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, without repetitions; it may be empty."""
        value = self._take(key, "a list of texts")
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            if value is not None:
                self._complain(key, "is not a list of texts", 'write it as ["…", "…"]')
            return ()
        if len(set(value)) != len(value):
            self._complain(key, "names something twice", "name each once")
        return tuple(value)

    def days(self, key: str) -> tuple[date, ...]:
        """A list of days (`2027-01-01`, without quotes); it may be empty."""
        value = self._take(key, "a list of days")
        if isinstance(value, list) and all(
            isinstance(part, date) and not isinstance(part, datetime) for part in value
        ):
            return tuple(value)
        if value is not None:
            self._complain(key, "is not a list of days", "write it as [2027-01-01, 2027-02-05]")
        return ()

    def table(self, key: str) -> Fields:
        """A table within; its problems are handed up by `absorb`."""
        value = self._take(key, f"a table [{self._path(key)}]")
        if value is not None and not isinstance(value, dict):
            self._complain(key, "is not a table", f"write [{self._path(key)}]")
        return Fields(value if isinstance(value, dict) else {}, f"{self._path(key)}.")

    def tables(self, key: str) -> Sequence[Fields]:
        """A list of tables, `[[key]]`."""
        value = self._take(key, f"a list of tables [[{key}]]")
        if isinstance(value, list) and all(isinstance(part, dict) for part in value):
            return [Fields(part, f"{key} {at}: ") for at, part in enumerate(value, start=1)]
        if value is not None:
            self._complain(key, "is not a list of tables", f"write each as [[{key}]]")
        return ()

    def absorb(self, inner: Fields) -> None:
        """Takes over the problems of a table within, its unknown keys included."""
        inner._note_unknown()
        self.problems.extend(inner.problems)

    def finish(self) -> None:
        """Raises MemberError with everything that was wrong, unknown keys included."""
        self._note_unknown()
        if self.problems:
            raise MemberError(self.problems)

    def _note_unknown(self) -> None:
        known = ", ".join(sorted(self._read))
        for key in self._table:
            if key not in self._read:
                self._complain(key, "is not a field", f"remove it or write one of {known}")

    def _take(self, key: str, wanted: str) -> object:
        self._read.add(key)
        if key not in self._table:
            self._complain(key, "is missing", f"add {wanted}")
            return None
        return self._table[key]

    def _path(self, key: str) -> str:
        return f"{self._prefix}{key}"

    def _complain(self, key: str, wrong: str, cure: str) -> None:
        self.problems.append(f"{self._path(key)} {wrong}: {cure}")
