"""Appeals are claimed, given back, written in, withdrawn and rejected: in the caller's transaction,
each step with its row of the audit. Filing is `filing.py` beside this file, ruling `ruling.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from service.access.model import Permission, Principal
from service.appeals import store
from service.appeals.contested import Rules, find_contested, find_involved
from service.appeals.model import (
    APPEALS,
    LEASE,
    MOST_DOCUMENTS,
    MOST_MESSAGES,
    AlreadyFinal,
    Appeal,
    AppealEvent,
    AppealState,
    Author,
    LeaseLost,
    MayNot,
    Message,
    NoAppeal,
    NotImpartial,
    VersionConflict,
    WrongAppeal,
    is_own,
)
from service.appeals.steps import check_text, close, move, write_down
from service.attachments.model import Attachment, GivenWith
from service.attachments.store import attach
from service.kernel.audit import SCHEDULER, Actor, Json
from service.kernel.ids import new_id
from service.notices.model import RuledOn, Said
from service.notices.telling import tell_appeal

_INADMISSIBLE: Final = Said("申诉不予受理。", "The appeal was not admitted.")
_AGAIN: Final = Said(
    "这不是裁定，原决定不变。在申诉期限内，您可以再次申诉，由他人处理。",
    "This is no ruling; the decision stays. While there is time you may appeal again, to somebody"
    " else.",
)
_NO_APPEAL: Final = "appeal: there is none of this id for this tenant"


def claim(
    conn: Connection,
    appeal_id: str,
    *,
    version: int | None,
    principal: Principal,
    rules: Rules,
    now: datetime,
) -> Appeal:
    """Take an open appeal, or one whose claim has ended, for `LEASE`.

    Raises as `read_for`, `VersionConflict` when somebody else has it, and `IllegalMove`.
    """
    appeal = read_for(conn, appeal_id, principal, rules)
    held = appeal.state is AppealState.CLAIMED and not appeal.has_lapsed(now)
    if held or version not in (None, appeal.version):
        raise VersionConflict("appeal: somebody else has it, or changed it; read it and try again")
    if appeal.has_lapsed(now):
        appeal = move(conn, appeal, AppealEvent.LAPSE, "lapsed", SCHEDULER, now, **_FREE)
    return move(
        conn,
        appeal,
        AppealEvent.CLAIM,
        "claimed",
        _by(principal),
        now,
        holder_id=principal.person_id,
        lease_until=now + LEASE,
        fence=appeal.fence + 1,
    )


def renew(conn: Connection, appeal: Appeal, principal: Principal, now: datetime) -> Appeal:
    """Have one's claim, which `read_held` gave, last `LEASE` from now."""
    who = _by(principal)
    return move(conn, appeal, AppealEvent.RENEW, "renewed", who, now, lease_until=now + LEASE)


def release(conn: Connection, appeal: Appeal, principal: Principal, now: datetime) -> Appeal:
    """Give one's claim back, which `read_held` gave."""
    return move(conn, appeal, AppealEvent.RELEASE, "released", _by(principal), now, **_FREE)


def reject(
    conn: Connection,
    appeal: Appeal,
    principal: Principal,
    now: datetime,
    *,
    reasons: str,
    rules: Rules,
) -> Appeal:
    """Find an appeal, which `read_held` gave, inadmissible, and say why. It is no ruling: the
    decision stays, and may be appealed again while there is time."""
    check_text("reasons", reasons)
    actor, reasons = _by(principal), reasons.strip()
    closed = close(conn, appeal, AppealEvent.REJECT, "rejected", actor, now, reasons=reasons)
    contested = find_contested(conn, appeal.tenant_id, appeal.decision_id)
    if contested is not None:
        tell_appeal(
            conn,
            contested.newest,
            contested.measures,
            ruled=RuledOn(_INADMISSIBLE, reasons, _AGAIN),
            wording=rules.wording,
            actor=actor,
            now=now,
        )
    return closed


def withdraw(
    conn: Connection,
    appeal_id: str,
    *,
    tenant_id: str,
    version: int | None,
    actor: Actor,
    now: datetime,
) -> Appeal:
    """The appellant takes it back. Raises `NoAppeal`, `VersionConflict` and `IllegalMove`."""
    appeal = store.get(conn, tenant_id, appeal_id, lock=True)
    if appeal is None:
        raise NoAppeal(_NO_APPEAL)
    if version not in (None, appeal.version):
        raise VersionConflict("appeal: it was changed meanwhile; read it and try again")
    return close(conn, appeal, AppealEvent.WITHDRAW, "withdrawn", actor, now)


def say(
    conn: Connection,
    appeal_id: str,
    text: str,
    *,
    tenant_id: str,
    author: Author,
    actor: Actor,
    now: datetime,
    attachments: Sequence[Attachment] = (),
) -> Message:
    """Write to the other side of an appeal that is not closed.

    Raises `NoAppeal`, `AlreadyFinal`, and `WrongAppeal` for a text that cannot be, and for too many
    messages or documents.
    """
    check_text("text", text)
    appeal = store.get(conn, tenant_id, appeal_id, lock=True)
    if appeal is None:
        raise NoAppeal(_NO_APPEAL)
    if appeal.state in APPEALS.final:
        raise AlreadyFinal("appeal: it is closed, and nothing is written in it any more")
    written = store.messages_of(conn, tenant_id, appeal_id)
    if len(written) >= MOST_MESSAGES:
        raise WrongAppeal(f"text: an appeal holds {MOST_MESSAGES} messages", "text", "too_many")
    handed_in = sum(len(one.attachments) for one in written if one.author is author)
    if handed_in + len(attachments) > MOST_DOCUMENTS:
        most = f"attachments: each side hands in {MOST_DOCUMENTS} with its messages"
        raise WrongAppeal(most, "attachments", "too_many")
    message = Message(
        tenant_id=tenant_id,
        id=new_id(now),
        appeal_id=appeal_id,
        author=author,
        person_id=actor.id if author is Author.REVIEWER else None,
        text=text,
        at=now,
        attachments=tuple(attachments),
    )
    store.insert_message(conn, message)
    attach(
        conn,
        attachments,
        tenant_id=tenant_id,
        case_id=appeal.case_id,
        given_with=GivenWith.MESSAGE,
        given_id=message.id,
        now=now,
    )
    detail: dict[str, Json] = {"message_id": message.id, "author": author.value}
    write_down(conn, appeal, "message", actor, now, detail)
    return message


def expire_leases(conn: Connection, now: datetime, limit: int) -> int:
    """Open again what was claimed and not ruled on in time, at most `limit`; how many it was.

    Safe when two run.
    """
    ended = store.lapsed(conn, now, limit)
    for appeal in ended:
        move(conn, appeal, AppealEvent.LAPSE, "lapsed", SCHEDULER, now, **_FREE)
    return len(ended)


def read_for(conn: Connection, appeal_id: str, principal: Principal, rules: Rules) -> Appeal:
    """The appeal, locked, for somebody who may rule on it.

    Raises `NoAppeal`, `MayNot` for another role, `AlreadyFinal` once it is closed, and
    `NotImpartial` for whoever decided anything in the case and for a person's own account.
    """
    appeal = store.get(conn, principal.tenant_id, appeal_id, lock=True)
    if appeal is None:
        raise NoAppeal(_NO_APPEAL)
    if principal.person_id is None:
        raise MayNot("appeal: a person rules on it")
    if is_own(appeal, principal):
        raise NotImpartial("appeal: it is about your own account; leave it to somebody else")
    if not principal.may(Permission.RULE_APPEALS):
        raise MayNot("appeal: your role may not rule on appeals")
    if appeal.state in APPEALS.final:
        raise AlreadyFinal("appeal: it is closed; nothing changes it any more")
    contested = find_contested(conn, principal.tenant_id, appeal.decision_id)
    if contested is not None and principal.person_id in find_involved(conn, contested, rules):
        raise NotImpartial("appeal: you decided something in this case; leave it to somebody else")
    return appeal


def read_held(
    conn: Connection,
    appeal_id: str,
    *,
    version: int | None,
    principal: Principal,
    rules: Rules,
    now: datetime,
) -> Appeal:
    """The appeal, locked, for whoever holds it.

    Raises as `read_for`, `LeaseLost` for a claim that ended or is another's, `VersionConflict`.
    """
    appeal = read_for(conn, appeal_id, principal, rules)
    if not appeal.is_held_by(principal.person_id, now):
        raise LeaseLost("appeal: your claim has ended, or was never there; claim it again")
    if version not in (None, appeal.version):
        raise VersionConflict("appeal: it was changed meanwhile; read it and try again")
    return appeal


def _by(principal: Principal) -> Actor:
    return Actor("person", principal.person_id)


_FREE: Final[dict[str, Any]] = {"holder_id": None, "lease_until": None}
