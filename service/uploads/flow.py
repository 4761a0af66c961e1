"""An upload is taken in, judged once it was scanned, given up or forgotten: in the caller's
transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import msgspec
from sqlalchemy import Connection

from service.access.model import Tenant
from service.decisions import store as decisions
from service.decisions.cuts import set_cuts
from service.decisions.model import Decision
from service.kernel import outbox
from service.kernel.audit import MACHINE, Actor, record
from service.moderation.consequences import Consequence, OpenCase
from service.moderation.content import digest_content, keeps_text
from service.moderation.outcome import compose
from service.moderation.rulings import ClearedLabels, heed
from service.policy.catalogue import Catalogue
from service.policy.model import Judgement, Verdict
from service.uploads import keeping, store
from service.uploads.model import (
    KEPT_FOR,
    UPLOADS,
    Kept,
    QuotaExceeded,
    Upload,
    UploadEvent,
    UploadMeta,
    UploadState,
    stand_in,
)
from service.uploads.parts import Scan

SCAN: Final = "upload.scan"
FORGET: Final = "upload.forget"
"""Topics; `ref` is the upload's id."""


class Consequent(Protocol):
    """What gives decisions their consequences (`service.moderation.consequences`)."""

    def apply(
        self,
        conn: Connection,
        decision: Decision,
        *,
        text: str,
        lifts: bool,
        open_case: OpenCase | None = None,
    ) -> Consequence: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """What decides about files, with what it asks of other rooms.

    `open_unread` opens, or joins, the case of a file that could only not be read.
    """

    consequences: Consequent
    cleared_labels: ClearedLabels
    catalogue: Catalogue
    open_unread: Callable[[Upload], OpenCase]


@dataclass(frozen=True, slots=True)
class Received:
    """The upload that stands; `known` when it stood before and the file that came is not needed."""

    upload: Upload
    known: bool = False


def receive(
    conn: Connection,
    meta: UploadMeta,
    *,
    tenant: Tenant,
    upload_id: str,
    name: str,
    declared_type: str | None,
    size: int,
    sha256: str,
    quota: int,
    actor: Actor,
    now: datetime,
) -> Received:
    """Take in a file that lies in the object store, and have it scanned.

    The same file again under its `data_id` is known. Raises `QuotaExceeded`.
    """
    digest = digest_content(stand_in(meta, name, sha256), tenant.digest_key)
    if meta.data_id is not None:
        earlier = store.latest(conn, tenant.id, meta.data_id)
        if earlier is not None and _is_known(conn, earlier, digest):
            return Received(earlier, known=True)
    if store.stored_bytes(conn, tenant.id) + size > quota:
        raise QuotaExceeded(f"file: there is room for {quota} bytes in all; try again later")
    upload = Upload(
        tenant_id=tenant.id,
        id=upload_id,
        data_id=meta.data_id,
        surface=meta.surface,
        account=meta.account,
        conversation_id=meta.conversation_id,
        occurred_at=meta.occurred_at,
        name=name,
        declared_type=declared_type,
        size=size,
        content_digest=digest,
        created_at=now,
    )
    store.add(conn, upload)
    _ask(conn, upload, SCAN, now)
    _write_down(conn, upload, "received", actor, now)
    return Received(upload)


def conclude(
    conn: Connection,
    upload: Upload,
    scan: Scan,
    judgement: Judgement,
    *,
    sha256: str,
    tenant: Tenant,
    deciding: Deciding,
    now: datetime,
) -> Upload:
    """Decide about a file that was scanned and judged; as it stands afterwards.

    What a person has cleared of the same content is heard first. Raises
    `service.decisions.store.RevisionTaken` when its `data_id` was decided at the same moment.
    """
    content = stand_in(_meta_of(upload), upload.name, sha256)
    cleared = deciding.cleared_labels(conn, tenant.id, upload.content_digest, now)
    if cleared and judgement.verdict is not Verdict.ALLOW:
        judgement = heed(judgement, cleared, deciding.catalogue)
        if scan.status == UploadState.UNSCANNABLE.value and judgement.verdict is Verdict.ALLOW:
            judgement = msgspec.structs.replace(judgement, verdict=Verdict.REVIEW)
    earlier = None if upload.data_id is None else decisions.latest(conn, tenant.id, upload.data_id)
    decision = compose(tenant, content, judgement, now, earlier)
    found = frozenset(
        hit.part
        for category in decision.categories
        for hit in category.hits
        if isinstance(hit.part, str)
    )
    text, cuts = keeping.join(scan.parts, found)
    keeps = decision.verdict is not Verdict.ALLOW and keeps_text(content)
    decisions.insert(
        conn,
        decision,
        text=text if keeps else None,
        text_expires_at=now + KEPT_FOR if keeps else None,
    )
    if keeps:
        set_cuts(conn, decision, cuts)
    unread_only = all(found.verdict is Verdict.ALLOW for found in decision.categories)
    deciding.consequences.apply(
        conn,
        decision,
        text=text,
        lifts=earlier is not None and earlier.verdict is not Verdict.ALLOW,
        open_case=deciding.open_unread(_with(upload, scan)) if unread_only else None,
    )
    unread = scan.status == UploadState.UNSCANNABLE.value
    event = UploadEvent.REFUSE if unread else UploadEvent.SCAN
    concluded = msgspec.structs.replace(
        _with(upload, scan),
        state=UPLOADS.next(upload.state, event),
        decision_id=decision.id,
        finished_at=now,
    )
    _write_down(conn, concluded, concluded.state.value, MACHINE, now, decision_id=decision.id)
    if not keeps:
        return forget(conn, concluded, now)
    bare = msgspec.structs.replace(scan, parts=())
    whole = len(cuts) == sum(1 for part in scan.parts if part.text)
    concluded = msgspec.structs.replace(concluded, kept=Kept(bare, sha256, whole))
    store.save(conn, concluded)
    return concluded


def give_up(conn: Connection, tenant_id: str, upload_id: str, now: datetime) -> None:
    """Let an upload fail whose every attempt ended badly; its file stays for another try."""
    upload = store.get(conn, tenant_id, upload_id, lock=True)
    if upload is None or upload.state in UPLOADS.final:
        return
    failed = msgspec.structs.replace(
        upload, state=UPLOADS.next(upload.state, UploadEvent.GIVE_UP), finished_at=now
    )
    store.save(conn, failed)
    _write_down(conn, failed, "failed", MACHINE, now)


def forget(conn: Connection, upload: Upload, now: datetime) -> Upload:
    """Have a file taken out of the object store, and its name out of the store; saves it."""
    forgotten = msgspec.structs.replace(upload, is_stored=False, name="", kept=None)
    store.save(conn, forgotten)
    if upload.is_stored:
        _ask(conn, upload, FORGET, now)
        _write_down(conn, forgotten, "forgotten", MACHINE, now)
    return forgotten


def forget_expired(conn: Connection, now: datetime, limit: int) -> int:
    """Forget files whose text is not kept any more, and those that failed for good; how many."""
    expired = store.expired(conn, now - KEPT_FOR, limit)
    for upload in expired:
        forget(conn, upload, now)
    return len(expired)


def _is_known(conn: Connection, earlier: Upload, digest: bytes) -> bool:
    """Whether the newest upload of a `data_id` is of this content, and its newest decision, too."""
    if earlier.content_digest != digest or earlier.state is UploadState.FAILED:
        return False
    if earlier.decision_id is None or earlier.data_id is None:
        return True
    decided = decisions.latest(conn, earlier.tenant_id, earlier.data_id)
    return decided is not None and decided.content_digest == digest


def _with(upload: Upload, scan: Scan) -> Upload:
    return msgspec.structs.replace(upload, type=scan.type[:128], unscanned=scan.unscanned[:1_000])


def _meta_of(upload: Upload) -> UploadMeta:
    return UploadMeta(
        upload.data_id,
        upload.surface,
        upload.account,
        upload.conversation_id,
        upload.occurred_at,
    )


def _ask(conn: Connection, upload: Upload, topic: str, now: datetime) -> None:
    """Put work on a file into the outbox; uploads of one `data_id` are taken in their order."""
    subject = upload.id if upload.data_id is None else f"data:{upload.data_id}"
    outbox.put(
        conn,
        tenant_id=upload.tenant_id,
        subject=f"{outbox.APART}upload:{subject}",
        topic=topic,
        ref=upload.id,
        now=now,
    )


def _write_down(
    conn: Connection,
    upload: Upload,
    said: str,
    actor: Actor,
    now: datetime,
    *,
    decision_id: str | None = None,
) -> None:
    record(
        conn,
        tenant_id=upload.tenant_id,
        now=now,
        actor=actor,
        action=f"upload.{said}",
        subject=("upload", upload.id),
        detail={
            "to": upload.state.value,
            "size": upload.size,
            **({} if decision_id is None else {"decision_id": decision_id}),
        },
    )
