"""What the account may contest, how its appeals go, and where it asks for a person to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from service.appeals import store
from service.appeals.contested import Contested, Rules, find_contested
from service.appeals.model import APPEALS, MOST_TEXT, AppealState
from service.appeals.shown import MessageRow, show_message
from service.attachments.model import MOST_FILES, Attachment
from service.my.section import Section, Visit
from service.review import store as cases
from service.review.model import CASES
from service.review.shown import DecisionRow, Moment, show_decision, show_moment

MOST: Final = 20
"""Cases that are shown, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A case of the account: what counts in it, and what can be done.

    `until` is the end of the time to appeal, None while it does not run.
    """

    decision_id: str
    decision: DecisionRow
    appeal: AppealState | None
    appeal_id: str | None
    outcome: str | None
    reasons: str | None
    attachments: tuple[Attachment, ...]
    messages: tuple[MessageRow, ...]
    can_appeal: bool
    can_write: bool
    can_ask_person: bool
    asked_person: bool
    until: Moment | None


def make_section(rules: Rules) -> Section:
    """The section of the page."""

    def read(conn: Connection, visit: Visit) -> Mapping[str, object] | None:
        rows = [
            row
            for case in cases.page(conn, visit.tenant_id, account_id=visit.account_id, limit=MOST)
            if (contested := find_contested(conn, visit.tenant_id, case.decision_id)) is not None
            and contested.case.id == case.id
            and (row := _show(conn, contested, rules, visit)) is not None
        ]
        if not rows:
            return None
        return {"rows": rows, "most_text": MOST_TEXT, "most_files": MOST_FILES}

    return Section("appeals", "my/appeals.html", read)


def _show(conn: Connection, contested: Contested, rules: Rules, visit: Visit) -> Row | None:
    found = store.of_case(conn, visit.tenant_id, contested.case.id)
    last = found[-1] if found else None
    if last is None and not contested.measures:
        return None
    ends = rules.window_ends(conn, contested.newest)
    ruled = any(appeal.state is AppealState.DECIDED for appeal in found)
    is_open = last is not None and last.state not in APPEALS.final
    in_time = ends is None or visit.now < ends
    messages = [] if last is None else store.messages_of(conn, visit.tenant_id, last.id)
    waits = contested.case.state not in CASES.final
    return Row(
        decision_id=contested.newest.id,
        decision=show_decision(contested.newest, rules.wording.clauses, visit.language),
        appeal=None if last is None else last.state,
        appeal_id=None if last is None else last.id,
        outcome=None if last is None else last.outcome,
        reasons=None if last is None else last.reasons,
        attachments=() if last is None else store.attachments_of(conn, last),
        messages=tuple(map(show_message, messages)),
        can_appeal=contested.is_contestable and in_time and not ruled and not is_open,
        can_write=is_open,
        can_ask_person=waits and contested.newest.automated and not is_open,
        asked_person=contested.case.requested_at is not None,
        until=None if ends is None else show_moment(ends),
    )
