"""What scans, judges and decides about files, for the role that does."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

from sqlalchemy import Connection

from service.attachments.files import LocalFolder
from service.decisions.model import Decision
from service.kernel.topics import Topics
from service.moderation.consequences import OpenCase
from service.policy import catalogue
from service.review.flow import cleared_labels
from service.review.grouping import join_case
from service.review.model import Case
from service.settings import Settings
from service.uploads import attachments
from service.uploads.banks.looking import Banks
from service.uploads.desk import open_desk
from service.uploads.flow import Deciding
from service.uploads.jobs import Scanning, forget_topic, scan_topic
from service.uploads.model import Scanner, Upload
from service.uploads.parts import ScanLimits
from service.uploads.pictures import CommandClassifier, NoClassifier, PictureClassifier
from service.wiring.consequences import build_consequences
from service.wiring.judge import load_file_judge
from service.wiring.objects import build_objects

UNREAD: Final = "unscannable"
"""The queue of cases about files that could not be read."""

_CHINA: Final = timezone(timedelta(hours=8))
NOBODY: Final = "-"


def build_scan_topics(settings: Settings, scanner: Scanner) -> Topics:
    """All work on files that is carried out apart. Raises `OSError`, and as `load_judge`."""
    objects = build_objects(settings)
    folder = open_desk(settings.data_dir / "scanning")
    scanning = Scanning(
        objects=objects,
        scanner=scanner,
        judge=load_file_judge(settings),
        banks=Banks(),
        pictures=build_pictures(settings),
        deciding=build_deciding(settings),
        limits=ScanLimits(),
        folder=folder,
    )
    handed_in = LocalFolder(settings.files_dir)
    return Topics(
        [
            scan_topic(scanning),
            forget_topic(objects),
            attachments.check_topic(handed_in, scanner, scanning.limits, folder),
            attachments.forget_topic(handed_in),
        ]
    )


def build_pictures(settings: Settings) -> PictureClassifier:
    """The operator's classifier of pictures, where there is one."""
    if settings.picture_classifier is None:
        return NoClassifier()
    return CommandClassifier(settings.picture_classifier)


def build_deciding(settings: Settings) -> Deciding:
    """What decides about files."""
    return Deciding(
        consequences=build_consequences(settings),
        cleared_labels=cleared_labels,
        catalogue=catalogue.load(),
        open_unread=open_unread,
    )


def open_unread(upload: Upload) -> OpenCase:
    """What opens the case of a file that could not be read: one an account, reason and day."""
    who = NOBODY if upload.account is None else upload.account.id
    why = upload.unscanned[0].why if upload.unscanned else NOBODY

    def open_case(conn: Connection, decision: Decision, now: datetime) -> Case:
        key = f"{UNREAD}:{now.astimezone(_CHINA):%Y-%m-%d}:{why}:{who}"
        return join_case(conn, decision, now, key=key, queue=UNREAD)

    return open_case
