"""What the account is asked to explain, what it said, and what came of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from service.attachments.model import MOST_FILES
from service.explanations import store
from service.explanations.model import (
    MOST_ANSWER,
    Answer,
    Request,
    RequestState,
)
from service.my.section import Section, Visit
from service.notices.rendering import say_measure, say_term
from service.review.shown import Moment, show_moment
from service.web.languages import Language

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One request; `is_open` while it can be answered. Answers and texts are users' texts."""

    id: str
    state: str
    questions: tuple[str, ...]
    documents: tuple[str, ...]
    due: Moment | None
    period_days: int
    provisional: bool
    lapse: str
    rationale: str
    answers: tuple[Answer, ...]
    is_open: bool


def read(conn: Connection, visit: Visit) -> Mapping[str, object] | None:
    """The newest requests; None where there was none."""
    found = store.of_account(conn, visit.tenant_id, visit.account_id, limit=MOST)
    if not found:
        return None
    rows = [_show(conn, request, visit) for request in found]
    return {
        "rows": sorted(rows, key=lambda row: not row.is_open),
        "most_answer": MOST_ANSWER,
        "most_files": MOST_FILES,
    }


def _show(conn: Connection, request: Request, visit: Visit) -> Row:
    return Row(
        id=request.id,
        state=request.state.value,
        questions=request.questions,
        documents=request.documents,
        due=None if request.due_at is None else show_moment(request.due_at),
        period_days=request.period_days,
        provisional=request.provisional,
        lapse=_say_lapse(request, visit.language),
        rationale=request.rationale or "",
        answers=tuple(store.answers_of(conn, request.tenant_id, request.id)),
        is_open=request.state is RequestState.ISSUED and not request.is_over(visit.now),
    )


def _say_lapse(request: Request, language: Language) -> str:
    if request.lapse_type is None:
        return ""
    end = say_term(request.lapse_term, language)
    return say_measure(request.lapse_type.value, request.lapse_functions, language, end=end)


SECTION = Section("explanations", "my/explanations.html", read)
