"""Claims of infringement against the account, and its way to state its side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from service.attachments.model import MOST_FILES, Attachment
from service.my.section import Section, Visit
from service.policy.clause import Clause
from service.reports.claims import Claim, claims_of
from service.reports.model import MOST_TEXT
from service.review.shown import Moment, show_moment, title_of

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One case in which infringement is claimed; `data_id` and `said` are users' texts."""

    case_id: str
    clause: str
    title: str
    surface: str
    data_id: str | None
    since: Moment
    said: str
    attachments: tuple[Attachment, ...]
    is_open: bool


def make_section(clauses: Mapping[str, Clause]) -> Section:
    """The section of the page."""

    def read(conn: Connection, visit: Visit) -> Mapping[str, object] | None:
        found = claims_of(conn, visit.tenant_id, visit.account_id, limit=MOST)
        if not found:
            return None
        rows = [_show(claim, clauses, visit) for claim in found]
        return {"rows": rows, "most_text": MOST_TEXT, "most_files": MOST_FILES}

    return Section("claims", "my/claims.html", read)


def _show(claim: Claim, clauses: Mapping[str, Clause], visit: Visit) -> Row:
    return Row(
        case_id=claim.case.id,
        clause=claim.clause.partition("/")[0],
        title=title_of(claim.clause, clauses, visit.language) if claim.clause in clauses else "",
        surface=claim.case.surface,
        data_id=claim.case.data_id,
        since=show_moment(claim.since),
        said="" if claim.said is None else claim.said.statement,
        attachments=() if claim.said is None else claim.said.attachments,
        is_open=claim.is_open,
    )
