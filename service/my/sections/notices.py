"""What the account was told, newest first, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from service.my.section import Section, Visit
from service.notices import store
from service.notices.model import Notice
from service.notices.rendering import render
from service.review.shown import Moment, show_moment
from service.web.languages import Language

MOST: Final = 20
"""Notices that are shown; older ones are in the platform's own history."""


@dataclass(frozen=True, slots=True)
class Row:
    """One notice; `rule` is the paragraph of 8.3 by which it counts as delivered."""

    id: str
    decision_id: str | None
    subject: str
    body: str
    at: Moment
    deemed: Moment | None
    rule: str | None
    provisional: bool


def read(conn: Connection, visit: Visit) -> Mapping[str, object]:
    """The newest notices."""
    found = store.of_account(conn, visit.tenant_id, visit.account_id, limit=MOST)
    return {"rows": [_show(notice, visit.language) for notice in found]}


def _show(notice: Notice, language: Language) -> Row:
    text = render(notice)
    is_chinese = language is Language.ZH
    return Row(
        id=notice.id,
        decision_id=notice.decision_id,
        subject=text.subject.zh_cn if is_chinese else text.subject.en,
        body=text.body.zh_cn if is_chinese else text.body.en,
        at=show_moment(notice.created_at),
        deemed=None if notice.deemed_at is None else show_moment(notice.deemed_at),
        rule=notice.rule,
        provisional=notice.provisional,
    )


SECTION = Section("notices", "my/notices.html", read)
