"""Allow decisions with a `data_id` that were answered but are not yet durable.

A submission of the same `data_id` must find them before the store does. The event loop adds, the
writer's thread takes out what it has written.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from service.decisions.model import Decision
from service.decisions.store import AllowRow


class Afloat:
    """The newest decision for each content among the rows that wait to be written.

    Holds no more than the writer's buffer and the group it is writing.
    """

    __slots__ = ("_found", "_lock")

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Decision] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._found)

    def get(self, tenant_id: str, data_id: str) -> Decision | None:
        """The newest decision on this content that is on its way to the store."""
        return self._found.get((tenant_id, data_id))

    def add(self, decision: Decision) -> None:
        """Remember a decision that has a `data_id`; before it is offered to the writer."""
        if decision.data_id is not None:
            with self._lock:
                self._found[decision.tenant_id, decision.data_id] = decision

    def remove(self, decision: Decision) -> None:
        """Forget a decision, unless a newer one on the same content has taken its place."""
        if decision.data_id is not None:
            key = (decision.tenant_id, decision.data_id)
            with self._lock:
                if self._found.get(key) is decision:
                    del self._found[key]

    def landed(self, rows: Sequence[AllowRow]) -> None:
        """Forget rows that are durable; called by the writer's thread."""
        for decision, _, _ in rows:
            self.remove(decision)
