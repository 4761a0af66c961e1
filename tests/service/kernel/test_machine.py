"""Tables of moves: what they allow, and which tables are refused."""

from __future__ import annotations

from enum import StrEnum

import pytest

from service.kernel.machine import IllegalMove, Machine


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"


class Push(StrEnum):
    SHUT = "shut"
    OPEN = "open"
    BREAK = "break"


DOOR = Machine(
    "door",
    {
        (Door.OPEN, Push.SHUT): Door.SHUT,
        (Door.SHUT, Push.OPEN): Door.OPEN,
        (Door.SHUT, Push.BREAK): Door.GONE,
    },
    frozenset({Door.GONE}),
)


def test_a_row_of_the_table_is_followed() -> None:
    assert DOOR.next(Door.OPEN, Push.SHUT) is Door.SHUT


@pytest.mark.parametrize(
    ("state", "event", "code"),
    [
        (Door.OPEN, Push.OPEN, "version_conflict"),
        (Door.GONE, Push.OPEN, "already_final"),
    ],
)
def test_what_is_not_in_the_table_is_refused(state: Door, event: Push, code: str) -> None:
    with pytest.raises(IllegalMove) as refused:
        DOOR.next(state, event)
    assert refused.value.code == code
    assert (refused.value.machine, refused.value.state, refused.value.event) == (
        "door",
        state,
        event,
    )


def test_events_are_those_of_the_table_in_its_order() -> None:
    assert DOOR.events(Door.SHUT) == (Push.OPEN, Push.BREAK)
    assert DOOR.events(Door.GONE) == ()


def test_things_begin_in_the_first_rows_state() -> None:
    assert DOOR.initial is Door.OPEN
    assert DOOR.states == frozenset(Door)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        DOOR.moves[Door.GONE, Push.OPEN] = Door.OPEN  # type: ignore[index]
    with pytest.raises(AttributeError):
        DOOR.name = "window"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("moves", "final", "why"),
    [
        ({}, set(), "without moves"),
        ({(Door.OPEN, Push.SHUT): Door.SHUT}, {Door.OPEN, Door.SHUT}, "lead out of the final"),
        ({(Door.OPEN, Push.SHUT): Door.SHUT}, set(), "no move leads out of shut"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    moves: dict[tuple[Door, Push], Door], final: set[Door], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        Machine("door", moves, frozenset(final))
