"""What goes into a package: everything about a case that is ours to show, as the store has it.

Who reported is left out: the accused may come to see the file, and reporters stay unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, or_, select
from sqlalchemy import and_ as both

from service.appeals import store as appeals
from service.appeals import view as appeal_view
from service.appeals.contested import Contested, find_contested
from service.attachments.model import Attachment, GivenWith
from service.attachments.store import given_by
from service.decisions import store as decisions
from service.decisions import view as decision_view
from service.enforcement import view as measure_view
from service.explanations import store as explanations
from service.explanations import view as explanation_view
from service.kernel.audit import audit
from service.kernel.audit_chain import GENESIS
from service.notices import store as notices
from service.notices import view as notice_view
from service.referrals.model import Referral
from service.referrals.package import AUDIT, AuditExtract, AuditRow, encode
from service.referrals.view import show_referral
from service.review import store as cases
from service.review import view as case_view

README: Final = """\
移送材料 / Referral package

manifest.json 列出本包的全部文件及其 SHA-256；manifest.json 自身的 SHA-256 由平台另行告知。
核验：moderation referral verify 本文件.zip --digest 另行告知的值

manifest.json names every file of this package with its SHA-256; the SHA-256 of manifest.json itself
is told apart from the package. To check: moderation referral verify THIS.zip --digest THAT-VALUE

referral.json      移送事由、法律依据、文号 / the matter, its legal basis and document number
content/           涉及的原文 / the texts concerned
decisions.json     各次决定及其依据 / what was decided, and on what evidence
rulings.json       人工裁决及理由 / what people found, and why
measures.json      处置措施 / measures
notices.json       通知及送达 / notices and their delivery
explanations.json  当事人的说明 / what the account explained
appeals.json       申诉 / appeals
counter-statements.json  对侵权投诉的声明 / what the accused says to a claim of infringement
attachments/       上述所附材料；含恶意程序、尚未扫描或已不保存的只列出而不附上
                   documents that came with these; those that hold malware, wait for their scan or
                   are not kept any more are only listed
audit.json         审计记录节录 / extract of the audit, each row with its place in the hash chain
"""


@dataclass(frozen=True, slots=True)
class Dossier:
    """The files of a package by their paths, and the documents that are yet to be fetched."""

    files: dict[str, bytes]
    attachments: tuple[Attachment, ...]


CounterOf = Callable[[Connection, str, str], object | None]
"""What the accused says to a claim in a tenant's case (`service.reports.view.show_counter_of`)."""


def gather(
    conn: Connection, referral: Referral, now: datetime, *, counter_of: CounterOf
) -> Dossier:
    """Everything about the referral's case but its attachments, which lie elsewhere."""
    tenant_id = referral.tenant_id
    found = find_contested(conn, tenant_id, referral.decision_id)
    assert found is not None, "a referral is about a case, and cases are not deleted"
    told = [n for id_ in found.decision_ids for n in notices.of_decision(conn, tenant_id, id_)]
    asked = explanations.of_decisions(conn, tenant_id, found.decision_ids)
    answers = {r.id: explanations.answers_of(conn, tenant_id, r.id) for r in asked}
    filed = appeals.of_case(conn, tenant_id, found.case.id)
    about = cases.of_decisions(conn, tenant_id, found.decision_ids)
    case_ids = sorted({found.case.id, *(case.id for case in about.values())})
    said = [counter_of(conn, tenant_id, id_) for id_ in case_ids]
    came = [
        *(one for given in answers.values() for answer in given for one in answer.attachments),
        *(one for appeal in filed for one in appeals.all_attachments_of(conn, appeal)),
        *(one for id_ in case_ids for one in given_by(conn, tenant_id, GivenWith.COUNTER, id_)),
    ]
    subjects = [
        ("referral", [referral.id]),
        ("case", case_ids),
        ("measure", [measure.id for measure in found.measures]),
        ("notice", [notice.id for notice in told]),
        ("explanation", [request.id for request in asked]),
        ("appeal", [appeal.id for appeal in filed]),
        ("attachment", [one.id for one in came]),
    ]
    files: dict[str, Any] = {
        "referral.json": show_referral(referral),
        "decisions.json": [decision_view.show(decision) for decision in found.decisions],
        "rulings.json": [case_view.show_ruling(ruling) for ruling in found.rulings],
        "measures.json": [measure_view.show(measure) for measure in found.measures],
        "notices.json": [
            notice_view.show(n, notices.deliveries_of(conn, tenant_id, n.id)) for n in told
        ],
        "explanations.json": [
            explanation_view.show(request, answers[request.id], opens_text=True)
            for request in asked
        ],
        "appeals.json": [
            appeal_view.show_whole(
                appeal,
                attachments=appeals.attachments_of(conn, appeal),
                messages=appeals.messages_of(conn, tenant_id, appeal.id),
                measures=(),
                window_ends_at=None,
                events=(),
                opens_text=True,
                now=now,
            )
            for appeal in filed
        ],
        "counter-statements.json": [one for one in said if one is not None],
        AUDIT: AuditExtract(tuple(_extract(conn, tenant_id, subjects))),
    }
    return Dossier(
        files={
            "README.txt": README.encode(),
            **{path: encode(value) for path, value in files.items()},
            **_texts(conn, found, now),
        },
        attachments=tuple(one for one in came if one.may_be_opened),
    )


def _texts(conn: Connection, found: Contested, now: datetime) -> dict[str, bytes]:
    """The texts that are kept, each under the decision that it was judged by; equal ones once."""
    kept: dict[str, bytes] = {}
    seen = set()
    for decision in found.decisions:
        text = decisions.text_of(conn, decision.tenant_id, decision.id, now)
        if text is not None and text not in seen:
            seen.add(text)
            kept[f"content/{decision.id}.txt"] = text.encode("utf-8", "surrogatepass")
    return kept


def _extract(
    conn: Connection, tenant_id: str, subjects: Sequence[tuple[str, Sequence[str]]]
) -> list[AuditRow]:
    """The rows about these subjects, by number, each with the hash of the row before it."""
    earlier = audit.alias()
    query = (
        select(audit, earlier.c.hash.label("before"))
        .outerjoin(
            earlier,
            both(earlier.c.tenant_id == audit.c.tenant_id, earlier.c.seq == audit.c.seq - 1),
        )
        .where(
            audit.c.tenant_id == tenant_id,
            or_(
                *(
                    both(audit.c.subject_kind == kind, audit.c.subject_id.in_(ids))
                    for kind, ids in subjects
                )
            ),
        )
        .order_by(audit.c.id)
    )
    return [
        AuditRow(
            tenant=row.tenant_id,
            id=row.id,
            at=row.at,
            actor_kind=row.actor_kind,
            actor_id=row.actor_id,
            action=row.action,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            detail=bytes(row.detail).decode(),
            seal=bytes(row.seal or b"").hex(),
            seq=row.seq,
            before=_before(row.seq, row.before),
            hash=None if row.seq is None else bytes(row.hash).hex(),
        )
        for row in conn.execute(query)
    ]


def _before(seq: int | None, hash_: bytes | None) -> str | None:
    """The hash that a row's own was made with; a tenant's first row follows none."""
    if seq is None:
        return None
    return bytes(hash_ or GENESIS).hex()
