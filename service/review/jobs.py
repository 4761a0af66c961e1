"""What the host is told of cases and of people's decisions: `case.opened`, `decision.made`."""

from __future__ import annotations

from sqlalchemy import Connection

from service.decisions import store as decisions
from service.decisions.view import NOTHING, Link, Present, show_whole
from service.enforcement.jobs import Source
from service.review import store
from service.review.view import summarise


def sources(present: Present, link: Link) -> tuple[Source, ...]:
    """The kinds of resources of this room; `present` reads what came of decisions, `link` what is
    linked to them."""

    def show_decision(conn: Connection, tenant_id: str, ref: str, event: str) -> object | None:
        decision = decisions.get(conn, tenant_id, ref)
        if decision is None:
            return None
        attached = present(conn, tenant_id, [decision]).get(ref, NOTHING)
        return show_whole(decision, attached, link(conn, tenant_id, ref))

    return (Source(kind="case", show=_show_case), Source(kind="decision", show=show_decision))


def _show_case(conn: Connection, tenant_id: str, ref: str, event: str) -> object | None:
    case = store.get(conn, tenant_id, ref)
    return None if case is None else summarise(case, case.opened_at)
