"""Bytes of a request → a complaint, refusing with a pointer whatever is missing or cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from service.attachments.model import Document
from service.attachments.reading import SentDocument, read_documents
from service.kernel.strict_json import StrictDecoder
from service.policy.clause import Clause
from service.reports.flow import Complaint
from service.reports.model import (
    MOST_EVIDENCE,
    MOST_FIELD,
    MOST_TEXT,
    Reporter,
    ReporterKind,
    Subject,
    Via,
    WrongReport,
    missing_fields,
)


class SentReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A report; `evidence` is a text, or several. What `reporter` needs depends on `kind`."""

    kind: ReporterKind
    reporter: Reporter
    subject: Subject
    statement: str
    clause: str | None = None
    evidence: str | tuple[str, ...] | None = None
    attachments: tuple[SentDocument, ...] = ()


class SentCounter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an account says to a claim of infringement; `evidence` is a text, or several."""

    account_id: str
    statement: str
    evidence: str | tuple[str, ...] | None = None
    attachments: tuple[SentDocument, ...] = ()


def read_counter(body: bytes) -> tuple[SentCounter, tuple[str, ...], list[Document]]:
    """A counter-statement, its evidence and documents; raises `Problem`. The flow checks the
    texts."""
    sent = _decode_counter(body)
    evidence = sent.evidence or ()
    pieces = (evidence,) if isinstance(evidence, str) else evidence
    return sent, pieces, read_documents(sent.attachments)


def read_complaint(body: bytes, clauses: Mapping[str, Clause]) -> tuple[Complaint, list[Document]]:
    """A complaint and its documents; raises `Problem`, and `WrongReport` for what no type says."""
    sent = _decode(body)
    return check_complaint(sent, clauses), read_documents(sent.attachments)


def check_complaint(
    sent: SentReport, clauses: Mapping[str, Clause], *, via: Via = Via.KEY
) -> Complaint:
    """The complaint that was sent; raises `WrongReport`."""
    evidence = sent.evidence or ()
    pieces = (evidence,) if isinstance(evidence, str) else evidence
    if len(pieces) > MOST_EVIDENCE:
        raise WrongReport(f"/evidence: at most {MOST_EVIDENCE} pieces", "/evidence", "too_long")
    check_text("/statement", sent.statement)
    for piece in pieces:
        check_text("/evidence", piece)
    _check_fields("/reporter", sent.reporter)
    _check_fields("/subject", sent.subject)
    if sent.subject.account_id is None and sent.subject.data_id is None:
        raise WrongReport("/subject: name an account_id or a data_id", "/subject", "missing")
    if sent.clause is not None and not _is_known(sent.clause, clauses):
        raise WrongReport("/clause: none of the policy's", "/clause", "unknown_value")
    for name in missing_fields(sent.kind, sent.reporter, sent.clause):
        raise WrongReport(
            f"/reporter/{name}: needed in a report of this kind", f"/reporter/{name}", "missing"
        )
    return Complaint(
        kind=sent.kind,
        reporter=sent.reporter,
        subject=sent.subject,
        clause=sent.clause,
        statement=sent.statement,
        evidence=pieces,
        via=via,
    )


def _is_known(clause: str, clauses: Mapping[str, Clause]) -> bool:
    return clause in clauses or any(clause == known.clause for known in clauses.values())


def _check_fields(pointer: str, sent: Reporter | Subject) -> None:
    for name in sent.__struct_fields__:
        value = getattr(sent, name)
        if value is not None:
            check_text(f"{pointer}/{name}", value, most=MOST_FIELD)


def check_text(pointer: str, text: str, *, most: int = MOST_TEXT) -> None:
    """Raises `WrongReport` for what somebody wrote when it is empty, too long or holds a NUL."""
    if not text.strip():
        raise WrongReport(f"{pointer}: empty", pointer, "empty")
    if len(text) > most:
        raise WrongReport(f"{pointer}: at most {most} code points", pointer, "too_long")
    if "\0" in text:
        raise WrongReport(f"{pointer}: holds a NUL character", pointer, "nul_character")


_decode: Final = StrictDecoder(SentReport).decode
_decode_counter: Final = StrictDecoder(SentCounter).decode
