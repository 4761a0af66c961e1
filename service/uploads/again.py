"""Judges a file again from what was kept of it, for whoever replays its decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import Connection

from service.decisions.model import Cut, Decision
from service.policy.model import Judgement
from service.uploads import keeping, store
from service.uploads.banks.looking import Banks
from service.uploads.jobs import judged_as
from service.uploads.judging.file import FileJudge
from service.uploads.parts import Part


class Again:
    """Judges files again; `judge` is asked for with the first of them."""

    def __init__(self, judge: Callable[[], FileJudge]) -> None:
        self._judge = judge
        self._banks = Banks()

    def judge(
        self, conn: Connection, decision: Decision, text: str, cuts: Sequence[Cut]
    ) -> Judgement | None:
        """The judgement of the file that a decision was made on, by its kept text and the banks as
        they are; None when not all of it was kept."""
        found = store.of_decisions(conn, decision.tenant_id, [decision.id])
        kept = found[0].kept if found else None
        if kept is None or not kept.whole:
            return None
        parts = tuple(
            Part(cut.part, cut.kind, content)  # type: ignore[arg-type]
            for cut, content in keeping.split(text, cuts)
        )
        scan = msgspec.structs.replace(kept.scan, parts=parts)
        known = self._banks.look(conn, decision.tenant_id, scan, kept.sha256)
        return self._judge().judge(scan, judged_as(conn, found[0]), known=known)
