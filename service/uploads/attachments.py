"""Scans documents that people hand in, for what could harm whoever opens them and no more, and
takes out of the folder what is forgotten."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from service.attachments import store
from service.attachments.files import Files
from service.attachments.model import CheckEvent
from service.kernel.outbox import OutboxRow
from service.kernel.topics import Done, Outcome, Topic
from service.uploads.jobs import ATTEMPTS, FORGET_ATTEMPTS
from service.uploads.judging.file import UNSCANNABLE
from service.uploads.model import Scanner
from service.uploads.parts import Scan, ScanLimits


def check_topic(files: Files, scanner: Scanner, limits: ScanLimits, folder: Path) -> Topic:
    """Scans a document and writes down what it is. One that is not kept any more is left alone."""

    def handle(_engine: Engine, row: OutboxRow, _now: datetime) -> Outcome:
        data = files.get(row.tenant_id, row.ref)
        if data is None:
            return Done()
        with tempfile.TemporaryDirectory(dir=folder, prefix="check-") as place:
            path = Path(place, "file")
            path.write_bytes(data)
            scan = scanner(path, name="", declared_type=None, limits=limits)
        event = weigh(scan)
        return Done(lambda conn, now: store.settle(conn, row.tenant_id, row.ref, event, now))

    def give_up(conn: Connection, row: OutboxRow, now: datetime) -> None:
        store.settle(conn, row.tenant_id, row.ref, CheckEvent.GIVE_UP, now)

    return Topic(name=store.CHECK, handle=handle, give_up=give_up, attempts=ATTEMPTS)


def forget_topic(files: Files) -> Topic:
    """Takes a document out of the folder; one that is gone already is no trouble."""

    def handle(_engine: Engine, row: OutboxRow, _now: datetime) -> Outcome:
        files.remove(row.tenant_id, row.ref)
        return Done()

    return Topic(name=store.FORGET, handle=handle, attempts=FORGET_ATTEMPTS)


def weigh(scan: Scan) -> CheckEvent:
    """What a scan says of a document, the gravest first."""
    kinds = {found.kind for found in scan.found}
    if "malware_rule" in kinds:
        return CheckEvent.CONDEMN
    if kinds:
        return CheckEvent.DOUBT
    return CheckEvent.MISS if scan.status == UNSCANNABLE else CheckEvent.CLEAR
