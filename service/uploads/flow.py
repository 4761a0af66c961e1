"""An upload is taken in, judged once it was scanned, or given up: in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec
from sqlalchemy import Connection

from service.access.model import Tenant
from service.decisions import store as decisions
from service.decisions.cuts import set_cuts
from service.decisions.model import Decision
from service.kernel.audit import MACHINE, Actor
from service.moderation.consequences import Consequence, OpenCase
from service.moderation.content import digest_content, keeps_text
from service.moderation.outcome import compose
from service.moderation.rulings import ClearedLabels, heed
from service.policy.catalogue import Catalogue
from service.policy.model import Judgement, Verdict
from service.uploads import arrivals, keeping, store
from service.uploads.forgetting import forget
from service.uploads.keyed import Keyed, find_upload, keep_upload
from service.uploads.model import (
    KEPT_FOR,
    UPLOADS,
    ArrivedTooLate,
    Kept,
    QuotaExceeded,
    Upload,
    UploadEvent,
    UploadMeta,
    UploadState,
    stand_in,
)
from service.uploads.parts import Scan
from service.uploads.steps import SCAN, ask, write_down


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
    under: Keyed | None = None,
) -> Received:
    """Take in a file that lies in the object store, and have it scanned.

    The same file again under its `data_id` is known, and so is the same request again under its
    key. Raises `QuotaExceeded`, `KeyTaken`, `ArrivedTooLate`, and SQLAlchemy's `IntegrityError`
    when another process used the key at the same moment.
    """
    if under is not None:
        answered = find_upload(conn, tenant.id, under, now)
        if answered is not None:
            return Received(answered, known=True)
    digest = digest_content(stand_in(meta, name, sha256), tenant.digest_key)
    if meta.data_id is not None:
        earlier = store.latest(conn, tenant.id, meta.data_id)
        if earlier is not None and _is_known(conn, earlier, digest):
            if under is not None:
                keep_upload(conn, under, earlier, now)
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
    if not arrivals.settle(conn, tenant.id, upload_id):
        raise ArrivedTooLate("file: took too long to arrive; send it again")
    store.add(conn, upload)
    if under is not None:
        keep_upload(conn, under, upload, now)
    ask(conn, upload, SCAN, now)
    write_down(conn, upload, "received", actor, now)
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
    write_down(conn, concluded, concluded.state.value, MACHINE, now, decision_id=decision.id)
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
    write_down(conn, failed, "failed", MACHINE, now)


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
