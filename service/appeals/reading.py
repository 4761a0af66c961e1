"""Bytes of a request → what is done to an appeal, refusing with a code whatever cannot be."""

from __future__ import annotations

from typing import Final

import msgspec

from service.appeals.model import MOST_EVIDENCE, Verdict
from service.attachments.model import Document
from service.attachments.reading import SentDocument, read_documents
from service.kernel.problems import invalid
from service.kernel.strict_json import StrictDecoder
from service.review.finding import MOST_MEASURES
from service.review.reading import MOST_VERSION, PlannedMeasure, read_planned


class Grounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a decision is contested; `evidence` is a text, or several."""

    grounds: str
    evidence: str | tuple[str, ...] | None = None
    attachments: tuple[SentDocument, ...] = ()


class AppealStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claim, a renewal, a release or a withdrawal; `version` is the one that the caller saw."""

    version: int | None = None


class AppealText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to the other side."""

    text: str
    attachments: tuple[SentDocument, ...] = ()


class Rejection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an appeal is inadmissible."""

    version: int
    reasons: str


class AppealRuling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ruling; `measures` is the full list, with the outcomes that replace them."""

    version: int
    outcome: str
    reasons: str
    measures: tuple[PlannedMeasure, ...] | None = None


def read_grounds(body: bytes) -> tuple[str, tuple[str, ...], list[Document]]:
    """Grounds, evidence and documents; raises `Problem`."""
    sent = _decode_grounds(body)
    evidence = sent.evidence or ()
    pieces = (evidence,) if isinstance(evidence, str) else evidence
    if len(pieces) > MOST_EVIDENCE:
        raise invalid("/evidence", "too_long", f"/evidence: at most {MOST_EVIDENCE} pieces")
    return sent.grounds, pieces, read_documents(sent.attachments)


def read_step(body: bytes) -> int | None:
    """The version that the caller saw, if they say it; no body at all is fine. Raises `Problem`."""
    if not body:
        return None
    version = _decode_step(body).version
    if version is not None:
        _check_version(version)
    return version


def read_text(body: bytes) -> tuple[str, list[Document]]:
    """A message's text and documents; raises `Problem`."""
    sent = _decode_text(body)
    return sent.text, read_documents(sent.attachments)


def read_rejection(body: bytes) -> tuple[int, str]:
    """The version that the caller saw, and the reasons; raises `Problem`."""
    sent = _decode_rejection(body)
    _check_version(sent.version)
    return sent.version, sent.reasons


def read_ruling(body: bytes) -> tuple[int, Verdict]:
    """The version that the caller saw, and the ruling; raises `Problem`."""
    sent = _decode_ruling(body)
    _check_version(sent.version)
    planned = None
    if sent.measures is not None:
        if len(sent.measures) > MOST_MEASURES:
            raise invalid("/measures", "too_long", f"/measures: at most {MOST_MEASURES}")
        planned = read_planned(sent.measures)
    return sent.version, Verdict(outcome=sent.outcome, reasons=sent.reasons, planned=planned)


def _check_version(version: int) -> None:
    if not 1 <= version <= MOST_VERSION:
        raise invalid("/version", "out_of_range", "/version: take it from the appeal")


_decode_grounds: Final = StrictDecoder(Grounds).decode
_decode_step: Final = StrictDecoder(AppealStep).decode
_decode_text: Final = StrictDecoder(AppealText).decode
_decode_rejection: Final = StrictDecoder(Rejection).decode
_decode_ruling: Final = StrictDecoder(AppealRuling).decode
