"""State machines as frozen tables: (state, event) → state, and everything else is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Generic, TypeVar

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)

ALREADY_FINAL: Final = "already_final"
VERSION_CONFLICT: Final = "version_conflict"


class IllegalMove(Exception):
    """An event that the state does not allow; `code` says whether any event could be."""

    def __init__(self, machine: str, state: StrEnum, event: StrEnum, *, final: bool) -> None:
        super().__init__(f"{machine}: {event.value} is not possible in state {state.value}")
        self.machine = machine
        self.state = state
        self.event = event
        self.code = ALREADY_FINAL if final else VERSION_CONFLICT


@dataclass(frozen=True, slots=True, init=False)
class Machine(Generic[State, Event]):
    """What may happen to one kind of thing.

    `moves` is the whole table; the state of its first row is the one that things begin in, unless
    `initial` names another. Nothing leads out of a state in `final`, and every other state has a
    move; `ValueError` for a table that says otherwise.
    """

    name: str
    moves: Mapping[tuple[State, Event], State]
    final: frozenset[State]
    initial: State

    def __init__(
        self,
        name: str,
        moves: Mapping[tuple[State, Event], State],
        final: frozenset[State],
        *,
        initial: State | None = None,
    ) -> None:
        if not moves:
            raise ValueError(f"{name}: a machine without moves; give it at least one")
        first = next(iter(moves))[0]
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "moves", MappingProxyType(dict(moves)))
        object.__setattr__(self, "final", frozenset(final))
        object.__setattr__(self, "initial", first if initial is None else initial)
        leaving = {state for state, _ in moves}
        if wrong := sorted(leaving & self.final):
            raise ValueError(f"{name}: moves lead out of the final states {', '.join(wrong)}")
        if wrong := sorted(set(moves.values()) - leaving - self.final):
            raise ValueError(f"{name}: no move leads out of {', '.join(wrong)}; call them final")

    def next(self, state: State, event: Event) -> State:
        """The state after `event`; raises `IllegalMove` when the table has no such row."""
        found = self.moves.get((state, event))
        if found is None:
            raise IllegalMove(self.name, state, event, final=state in self.final)
        return found

    def allows(self, state: State, event: Event) -> bool:
        """Whether the table has a row for this."""
        return (state, event) in self.moves

    def events(self, state: State) -> tuple[Event, ...]:
        """What may happen in `state`, in the table's order; nothing in a final one."""
        return tuple(event for at, event in self.moves if at == state)

    @property
    def states(self) -> frozenset[State]:
        """Every state of the table."""
        return frozenset(
            {self.initial, *self.final, *self.moves.values(), *(at for at, _ in self.moves)}
        )
