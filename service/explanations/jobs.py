"""What the host is told of explanations: `explanation.requested`, `.reminded`, `.lapsed`,
`.assessed`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from service.enforcement.jobs import Source
from service.explanations import store
from service.explanations.model import RequestState
from service.explanations.view import show

REMINDED: Final = "explanation.reminded"


def _show(conn: Connection, tenant_id: str, ref: str, event: str) -> object | None:
    request = store.get(conn, tenant_id, ref)
    if request is None:
        return None
    if event == REMINDED and request.state is not RequestState.ISSUED:
        return None  # it was answered meanwhile
    answers = store.answers_of(conn, tenant_id, ref)
    return show(request, answers, opens_text=True)


EXPLANATIONS: Final = Source(kind="explanation", show=_show)
