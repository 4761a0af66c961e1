"""The topic `host.deliver`: telling the host what happened, and believing its answer.

A row's topic is `host.deliver:` and the type of the event, its `ref` the id of the resource. What
the resource is when the delivery leaves is what the host is told; an order that was taken back
meanwhile is not sent any more. Features above this room bring a `Source` of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from sqlalchemy import Connection, Engine

from service.enforcement import flow, store, view
from service.enforcement.answers import Outcome as Said
from service.enforcement.host import UNREACHABLE, Delivered, Failed
from service.enforcement.kinds import is_wanted
from service.enforcement.model import HostEvent
from service.kernel.outbox import OutboxRow
from service.kernel.topics import ATTEMPTS, Dead, Done, Later, Outcome, Topic

NAME: Final = "host.deliver"

UNREACHABLE_PATIENCE: Final = timedelta(days=1)
"""How long refused connections use up no attempt: nothing was sent, and hosts restart."""

SHORTEST_DELAY: Final = timedelta(seconds=1)
LONGEST_DELAY: Final = timedelta(minutes=5)
"""Meanwhile it is tried again after a tenth of the time it waits already, within these bounds."""


class Gateway(Protocol):
    """What delivers (`service.enforcement.host.HostGateway`)."""

    def deliver(self, row: OutboxRow, data: object) -> Delivered | Failed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of resource that the host is told of.

    `kind` is what stands before the dot of its events: `measure` of `measure.ordered`.
    `show(conn, tenant_id, ref, event)` gives the resource as its GET does, None when the host need
    not be told any more. `delivered` and `given_up` run in the transaction that closes the row.
    """

    kind: str
    show: Callable[[Connection, str, str, str], object | None]
    delivered: Callable[[Connection, OutboxRow, datetime], object] | None = None
    given_up: Callable[[Connection, OutboxRow, datetime], object] | None = None


def host_topic(gateway: Gateway, sources: Iterable[Source], *, attempts: int = ATTEMPTS) -> Topic:
    """The row of the topics' table; `attempts` tries, then a dead letter."""
    by_kind = {source.kind: source for source in sources}
    return Topic(
        name=NAME,
        handle=partial(_deliver, gateway, by_kind),
        give_up=partial(_give_up, by_kind),
        attempts=attempts,
    )


def _deliver(
    gateway: Gateway, by_kind: dict[str, Source], engine: Engine, row: OutboxRow, now: datetime
) -> Outcome:
    event = event_of(row)
    source = by_kind.get(event.partition(".")[0])
    if source is None:
        return Dead("unknown_event")
    with engine.connect() as conn:
        data = source.show(conn, row.tenant_id, row.ref, event)
    if data is None:
        return Done()
    answer = gateway.deliver(row, data)
    if isinstance(answer, Failed):
        age = now - row.created_at
        if answer.code == UNREACHABLE and age < UNREACHABLE_PATIENCE:
            delay = min(max(age / 10, SHORTEST_DELAY), LONGEST_DELAY)
            return Later(delay, answer.code, counted=False)
        return Later(answer.retry_after, answer.code, counted=answer.tried)
    return Done(None if source.delivered is None else partial(_follow, source.delivered, row))


def _follow(
    follow: Callable[[Connection, OutboxRow, datetime], object],
    row: OutboxRow,
    conn: Connection,
    now: datetime,
) -> None:
    follow(conn, row, now)


def _give_up(by_kind: dict[str, Source], conn: Connection, row: OutboxRow, now: datetime) -> None:
    source = by_kind.get(event_of(row).partition(".")[0])
    if source is not None and source.given_up is not None:
        source.given_up(conn, row, now)


def event_of(row: OutboxRow) -> str:
    """The type of the event that a row tells the host."""
    return row.topic.partition(":")[2]


def _show_measure(conn: Connection, tenant_id: str, ref: str, event: str) -> object | None:
    measure = store.get(conn, tenant_id, ref)
    if measure is None or not is_wanted(measure, HostEvent(event)):
        return None
    return view.show(measure)


def _note_word(said: Said, conn: Connection, row: OutboxRow, now: datetime) -> None:
    event = HostEvent(event_of(row))
    flow.confirm(conn, row.tenant_id, row.ref, outcome=said, event=event, now=now)


MEASURES: Final = Source(
    kind="measure",
    show=_show_measure,
    delivered=partial(_note_word, "done"),
    given_up=partial(_note_word, "failed"),
)
"""`measure.ordered`, `measure.lifted`, `measure.expired`: a 2xx is the host's receipt."""
