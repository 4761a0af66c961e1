"""Keeps a host that does not answer for one tenant from holding up everybody else's deliveries.

A delivery that waits for an answer until its time is up keeps a worker from all others. After two
such in a row a tenant's deliveries are held back without being tried, for ever longer, with one
try in between (the "circuit breaker" of Nygard, Release It!, 2007).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

PATIENCE: Final = 2
"""Deliveries in a row that may wait in vain before the next are held back."""

FIRST_SECONDS: Final = 5.0
MOST_SECONDS: Final = 60.0


@dataclass(slots=True)
class _Silence:
    """What is known of a tenant whose host does not answer."""

    times: int = 0
    until: float = 0.0


class Breaker:
    """Counts silences by tenant; `ticks` gives seconds that only grow."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._silent: dict[str, _Silence] = {}

    def hold(self, tenant_id: str) -> float:
        """For how many seconds the tenant's deliveries are not to be tried; 0: try this one."""
        found = self._silent.get(tenant_id)
        return 0.0 if found is None else max(0.0, found.until - self._ticks())

    def note_silence(self, tenant_id: str) -> None:
        """A delivery waited in vain."""
        found = self._silent.setdefault(tenant_id, _Silence())
        found.times += 1
        over = found.times - PATIENCE
        if over >= 0:
            found.until = self._ticks() + min(FIRST_SECONDS * 2.0 ** min(over, 8), MOST_SECONDS)

    def note_answer(self, tenant_id: str) -> None:
        """The host answered, or refused, at once: whatever it said, it kept nobody waiting."""
        self._silent.pop(tenant_id, None)
