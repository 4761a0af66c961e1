"""What every state machine of the service keeps."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest

import service
from service.kernel.machine import IllegalMove, Machine


def machines() -> Iterator[Machine[Any, Any]]:
    seen = set()
    for info in pkgutil.walk_packages(service.__path__, "service."):
        for found in vars(importlib.import_module(info.name)).values():
            if isinstance(found, Machine) and id(found) not in seen:
                seen.add(id(found))
                yield found


MACHINES = sorted(machines(), key=lambda machine: machine.name)


def events(machine: Machine[Any, Any]) -> list[StrEnum]:
    return sorted({event for _, event in machine.moves})


def test_there_are_machines_and_their_names_differ() -> None:
    names = [machine.name for machine in MACHINES]
    assert names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_nothing_leads_out_of_a_final_state(machine: Machine[Any, Any]) -> None:
    assert machine.final
    for state in machine.final:
        for event in events(machine):
            with pytest.raises(IllegalMove) as refused:
                machine.next(state, event)
            assert refused.value.code == "already_final"


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_can_be_reached_and_every_state_can_end(machine: Machine[Any, Any]) -> None:
    def reach(start: StrEnum) -> set[StrEnum]:
        found, new = {start}, [start]
        while new:
            state = new.pop()
            for event in machine.events(state):
                after = machine.next(state, event)
                if after not in found:
                    found.add(after)
                    new.append(after)
        return found

    assert reach(machine.initial) == set(machine.states)
    assert all(reach(state) & machine.final for state in machine.states)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_of_the_enumeration_is_in_the_table(machine: Machine[Any, Any]) -> None:
    assert machine.states == frozenset(type(machine.initial))
