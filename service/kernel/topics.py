"""What is done with a row of the outbox: a fixed table of topics, and what a handler may answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import Connection, Engine

from service.kernel.outbox import OutboxRow

ATTEMPTS: Final = 12
"""How often a row is tried before it is a dead letter, unless its topic says otherwise."""


@dataclass(frozen=True, slots=True)
class Done:
    """It took effect. `then` runs in the transaction that closes the row."""

    then: Callable[[Connection, datetime], object] | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Not yet: try again after `delay`. `error` is a code, never a text of somebody else's.

    Not `counted`: nothing was tried, so it uses up no attempt.
    """

    delay: timedelta
    error: str
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Dead:
    """It will never take effect: a dead letter, until a person redelivers it."""

    error: str


class Interrupted(Exception):
    """Raised by a handler whose process is asked to end: the row goes back, and it cost nothing."""


Outcome: TypeAlias = Done | Later | Dead
Handle: TypeAlias = Callable[[Engine, OutboxRow, datetime], Outcome]
GiveUp: TypeAlias = Callable[[Connection, OutboxRow, datetime], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One kind of work.

    `handle(engine, row, now)` carries a row out and may be asked for the same row twice; it takes
    no longer than 15 seconds (apart: 90) and writes nothing about the row itself. What it raises
    counts as `Later`. `give_up(conn, row, now)` runs in the transaction that makes the row a dead
    letter, also when every attempt ended with the death of its worker.
    """

    name: str
    handle: Handle
    give_up: GiveUp | None = None
    attempts: int = ATTEMPTS


class Topics:
    """The fixed table: what is not in it is never carried out."""

    __slots__ = ("_found",)

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._found: dict[str, Topic] = {}
        for topic in topics:
            if topic.name in self._found:
                raise ValueError(f"{topic.name}: two handlers for one topic; leave one out")
            self._found[topic.name] = topic

    def find(self, topic: str) -> Topic | None:
        """The row of `topic`; `host.deliver:measure.ordered` is found under `host.deliver`, too."""
        found = self._found.get(topic)
        return found if found is not None else self._found.get(topic.partition(":")[0])

    @property
    def names(self) -> tuple[str, ...]:
        """Every topic's name, in the table's order."""
        return tuple(self._found)


Tick: TypeAlias = Callable[[Connection, datetime, int], int]
"""What time alone does: given the time and the most rows to move, returns how many it moved."""
