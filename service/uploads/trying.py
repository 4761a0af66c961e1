"""Opens and judges a file for `/try`, which keeps nothing of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from service.moderation.model import Surface
from service.moderation.pages import TriedFile, TryFile
from service.review.told import ToldFile
from service.uploads import keeping
from service.uploads.intake import read_name
from service.uploads.judging.file import FileJudge
from service.uploads.model import Scanner
from service.uploads.parts import ScanLimits

LIMITS = ScanLimits(seconds=20.0)
"""Shorter than for an upload: somebody looks at the page meanwhile."""


def make_try(scanner: Scanner, judge: Callable[[], FileJudge]) -> TryFile:
    """What opens files for the page; `judge` is asked for with the first of them."""

    def try_file(name: str, declared_type: str | None, data: bytes) -> TriedFile:
        name = read_name(name.encode("utf-8", "replace"))
        with tempfile.TemporaryDirectory(prefix="try-") as folder:
            path = Path(folder, "file")
            path.write_bytes(data)
            scan = scanner(path, name=name, declared_type=declared_type, limits=LIMITS)
        judgement = judge().judge(scan, Surface.IM_MESSAGE)
        found = frozenset(
            hit.part
            for category in judgement.categories
            for hit in category.hits
            if isinstance(hit.part, str)
        )
        text, cuts = keeping.join(scan.parts, found)
        unread = tuple((piece.part, piece.why) for piece in scan.unscanned)
        told = ToldFile(name=name, type=scan.type, size=len(data), unread=unread)
        return TriedFile(told, text, cuts, judgement)

    return try_file
