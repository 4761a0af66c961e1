"""What is done with uploads behind the answer: scan and judge one, take one out of the store."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine

from service.access.store import find_tenant
from service.enterprises.model import Scope
from service.enterprises.store import policy_of
from service.kernel.backoff import backoff
from service.kernel.outbox import OutboxRow
from service.kernel.topics import Dead, Done, Later, Outcome, Topic
from service.moderation.model import Surface
from service.policy.surfaces import CONFIDENTIAL
from service.uploads import flow, store
from service.uploads.banks.looking import Banks
from service.uploads.flow import Deciding
from service.uploads.judging.file import FileJudge
from service.uploads.model import UPLOADS, Scanner, Upload
from service.uploads.objects import Objects, ObjectsAway
from service.uploads.parts import Scan, ScanLimits
from service.uploads.pictures import PictureClassifier, PicturesAway
from service.uploads.steps import FORGET, SCAN

log = logging.getLogger("moderation.uploads")

ATTEMPTS: Final = 3
"""How often a scan is tried that ends badly, which is hardly ever the file's doing."""

FORGET_ATTEMPTS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanning:
    """What scans, judges and decides about files; `folder` is where they lie meanwhile."""

    objects: Objects
    scanner: Scanner
    judge: FileJudge
    banks: Banks
    pictures: PictureClassifier
    deciding: Deciding
    limits: ScanLimits
    folder: Path


def scan_topic(scanning: Scanning) -> Topic:
    """Scans a file, judges what was found and decides, once."""

    def handle(engine: Engine, row: OutboxRow, now: datetime) -> Outcome:
        return _scan(engine, row, now, scanning)

    def give_up(conn: Connection, row: OutboxRow, now: datetime) -> None:
        flow.give_up(conn, row.tenant_id, row.ref, now)

    return Topic(name=SCAN, handle=handle, give_up=give_up, attempts=ATTEMPTS)


def forget_topic(objects: Objects) -> Topic:
    """Takes a file out of the object store; one that is gone already is no trouble."""

    def handle(_engine: Engine, row: OutboxRow, _now: datetime) -> Outcome:
        try:
            objects.remove(row.tenant_id, row.ref)
        except ObjectsAway as error:
            return Later(backoff(row.attempts), error.code)
        return Done()

    return Topic(name=FORGET, handle=handle, attempts=FORGET_ATTEMPTS)


def _look_at(
    path: Path, scan: Scan, pictures: PictureClassifier
) -> tuple[Mapping[str, float], bool]:
    """What a classifier says of a file that is a picture, and whether it could not be asked."""
    if not scan.type.startswith("image/"):
        return {}, False
    try:
        return pictures.classify(path), False
    except PicturesAway as error:
        log.warning("a picture was judged without its classifier", extra={"code": error.code})
        return {}, True


def judged_as(conn: Connection, upload: Upload) -> str:
    """The surface that a file is judged as: an enterprise may have more looked for in its own, but
    a file is always looked at for crime and attacks, whatever it instructs."""
    account = upload.account
    if upload.surface in CONFIDENTIAL and account is not None and account.enterprise_id is not None:
        policy = policy_of(conn, upload.tenant_id, account.enterprise_id)
        if policy.scope_of(upload.surface) is Scope.EVERYTHING:
            return Surface.IM_MESSAGE
    return upload.surface


def _scan(engine: Engine, row: OutboxRow, now: datetime, scanning: Scanning) -> Outcome:
    with engine.connect() as conn:
        upload = store.get(conn, row.tenant_id, row.ref)
        tenant = find_tenant(conn, row.tenant_id)
        surface = None if upload is None else judged_as(conn, upload)
    if upload is None or surface is None or tenant is None or upload.state in UPLOADS.final:
        return Done()
    with tempfile.TemporaryDirectory(dir=scanning.folder, prefix="scan-") as folder:
        path = Path(folder, "file")
        try:
            sha256 = scanning.objects.fetch(row.tenant_id, row.ref, path)
        except ObjectsAway as error:  # nothing of the file's: it costs no attempt
            return Later(timedelta(seconds=5), error.code, counted=False)
        if sha256 is None:
            return Dead("object_missing")
        scan = scanning.scanner(
            path, name=upload.name, declared_type=upload.declared_type, limits=scanning.limits
        )
        pictured, blind = _look_at(path, scan, scanning.pictures)
    with engine.connect() as conn:
        known = scanning.banks.look(conn, upload.tenant_id, scan, sha256)
    judgement = scanning.judge.judge(scan, surface, known=known, pictured=pictured)
    if blind:
        judgement = msgspec.structs.replace(judgement, degraded=(*judgement.degraded, "pictures"))

    def then(conn: Connection, now: datetime) -> None:
        current = store.get(conn, upload.tenant_id, upload.id, lock=True)
        if current is not None and current.state not in UPLOADS.final:
            flow.conclude(
                conn,
                current,
                scan,
                judgement,
                sha256=sha256,
                tenant=tenant,
                deciding=scanning.deciding,
                now=now,
            )

    return Done(then)
