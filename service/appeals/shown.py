"""What the pages of appeals show: rows of a queue, messages, rulings and the form's fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.access.model import Principal
from service.appeals.model import Appeal, Message, Queue, Verdict, WrongAppeal, is_own
from service.attachments.model import Attachment
from service.review.form import read_measures
from service.review.model import Ruling, WrongFinding
from service.review.shown import Moment, show_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRow:
    """An appeal in a list; `standing` is a key of the translations."""

    id: str
    account_id: str | None
    expedited: bool
    filed: Moment
    due: Moment
    overdue: bool
    standing: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message; `who` is a key of the translations."""

    who: str
    text: str
    at: Moment
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class RulingRow:
    """What a person found before."""

    outcome: str
    rationale: str
    at: Moment


def show_appeal(appeal: Appeal, principal: Principal, now: datetime) -> AppealRow:
    """An appeal in a list, for whoever looks."""
    standing = appeal.state.value
    if appeal.is_held_by(principal.person_id, now):
        standing = "mine"
    elif appeal.has_lapsed(now):
        standing = "open"
    elif is_own(appeal, principal):
        standing = "own"
    return AppealRow(
        id=appeal.id,
        account_id=appeal.account_id,
        expedited=appeal.queue is Queue.EXPEDITED,
        filed=show_moment(appeal.filed_at),
        due=show_moment(appeal.due_at),
        overdue=appeal.closed_at is None and appeal.due_at <= now,
        standing=f"appeal.{standing}",
    )


def show_message(message: Message) -> MessageRow:
    """A message of either side."""
    at, who = show_moment(message.at), f"appeal.{message.author.value}"
    return MessageRow(who, message.text, at, message.attachments)


def show_ruling(ruling: Ruling) -> RulingRow:
    """What a person found before."""
    return RulingRow(ruling.outcome.value, ruling.rationale, show_moment(ruling.decided_at))


def read_verdict_form(form: Mapping[str, str]) -> Verdict:
    """The ruling that was filled in; raises `WrongAppeal`."""
    outcome = form.get("outcome", "")
    if not outcome:
        raise WrongAppeal("outcome: choose one", "outcome")
    planned = None
    if outcome == "modified":
        try:
            planned = read_measures(form)
        except WrongFinding as error:
            raise WrongAppeal(str(error), "measures") from None
    return Verdict(outcome=outcome, reasons=form.get("reasons", ""), planned=planned)
