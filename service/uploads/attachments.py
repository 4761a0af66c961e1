"""Scans documents that accounts hand in, for what could harm whoever opens them and no more."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from service.explanations import checks
from service.explanations.checks import CheckEvent
from service.explanations.files import Files
from service.kernel.outbox import OutboxRow
from service.kernel.topics import Done, Outcome, Topic
from service.uploads.jobs import ATTEMPTS
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
        return Done(lambda conn, now: checks.settle(conn, row.tenant_id, row.ref, event, now))

    def give_up(conn: Connection, row: OutboxRow, now: datetime) -> None:
        checks.settle(conn, row.tenant_id, row.ref, CheckEvent.GIVE_UP, now)

    return Topic(name=checks.TOPIC, handle=handle, give_up=give_up, attempts=ATTEMPTS)


def weigh(scan: Scan) -> CheckEvent:
    """What a scan says of a document, the gravest first."""
    kinds = {found.kind for found in scan.found}
    if "malware_rule" in kinds:
        return CheckEvent.CONDEMN
    if kinds:
        return CheckEvent.DOUBT
    return CheckEvent.MISS if scan.status == UNSCANNABLE else CheckEvent.CLEAR
