"""Bytes of a request → submissions, refusing with a code whatever the contract does not allow."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

import msgspec

from service.kernel.problems import (
    Flaw,
    Problem,
    ProblemKind,
    invalid,
)
from service.kernel.strict_json import StrictDecoder, duplicate_keys, explain
from service.moderation.content import NEEDS_VISIBLE, is_blank
from service.moderation.model import MAX_TEXT, Submission

S = TypeVar("S", bound=Submission)

TEXT_TOO_LONG = ProblemKind("text_too_long", 422, f"`text` has more than {MAX_TEXT} code points.")
EMPTY_TEXT = ProblemKind("empty_text", 422, "`text` has no character that can be seen.")

MAX_ID: Final = 256
"""Longest id in code points."""

MAX_ITEMS: Final = 100
"""Most items of a batch."""

_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9998, 12, 31, tzinfo=UTC)


class Item(NamedTuple):
    """One place of a batch: what was sent there, or why it is refused."""

    submission: Submission | None
    problem: Problem | None


class _Addressed(Submission, frozen=True, forbid_unknown_fields=True, kw_only=True):
    tenant: str


class _Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: list[msgspec.Raw]


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: msgspec.Raw


def read_submission(body: bytes) -> Submission:
    """The submission in `body`; raises `Problem` for anything the contract refuses."""
    return _check(_decode_submission(body))


def read_addressed(item: bytes, data_id: str) -> tuple[str, Submission]:
    """The tenant and the submission in an entry of the stream, on the terms of `read_submission`.

    Such an item also has the field `tenant`; `data_id` is what it gets when it has none.
    """
    sent = _check(_decode_addressed(item))
    _check_id("/tenant", sent.tenant)
    return sent.tenant, Submission(
        sent.text,
        sent.data_id or data_id,
        sent.surface,
        sent.account,
        sent.conversation_id,
        sent.occurred_at,
    )


def _check(submission: S) -> S:
    text = submission.text
    if not text or len(text) > MAX_TEXT or "\0" in text:
        raise _refuse_text(text)
    # A first character of a script is seen; only what begins otherwise is looked at closely.
    if not ("0" <= text[0] <= "z" or "\u4e00" <= text[0] <= "\u9fff") and (
        submission.surface in NEEDS_VISIBLE and is_blank(text)
    ):
        raise Problem(EMPTY_TEXT, errors=(Flaw("/text", "empty_text"),))
    check_particulars(submission)
    return submission


def check_particulars(submission: Submission) -> None:
    """Raises `Problem` for ids and times that cannot be; the text is not looked at."""
    if submission.data_id is not None:
        _check_id("/data_id", submission.data_id)
    if submission.conversation_id is not None:
        _check_id("/conversation_id", submission.conversation_id)
    account = submission.account
    if account is not None:
        _check_id("/account/id", account.id)
        if account.enterprise_id is not None:
            _check_id("/account/enterprise_id", account.enterprise_id)
    if submission.occurred_at is not None:
        _check_time(submission.occurred_at)


def read_batch(body: bytes) -> list[Item]:
    """The items in `body`, a bad one as its problem; raises `Problem` for a bad envelope."""
    try:
        parts = _decode_batch(body).items
        body.decode("utf-8")
        length = len(bytes(_decode_envelope(body).items))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise explain(body, error) from None
    # The envelope has one field, so a second key can only be the same again: then there is more
    # around the array than the object's braces and one key.
    before = _BEFORE.match(body)
    end = len(body.rstrip(_SPACE)[:-1].rstrip(_SPACE))
    if before is None or before.end() + length != end:
        raise duplicate_keys()
    if not 1 <= len(parts) <= MAX_ITEMS:
        raise invalid("/items", "wrong_length", f"/items: send 1 to {MAX_ITEMS} items")
    return [_read_item(bytes(part)) for part in parts]


def _read_item(part: bytes) -> Item:
    try:
        return Item(read_submission(part), None)
    except Problem as problem:
        return Item(None, problem)


def _refuse_text(text: str) -> Problem:
    if not text:
        return Problem(EMPTY_TEXT, errors=(Flaw("/text", "empty_text"),))
    if len(text) > MAX_TEXT:
        return Problem(TEXT_TOO_LONG, errors=(Flaw("/text", "text_too_long"),))
    return invalid("/text", "nul_character", "/text: holds a NUL character; take it out")


def _check_id(pointer: str, value: str) -> None:
    if not value:
        raise invalid(pointer, "empty", f"{pointer}: empty; leave it out or fill it")
    if len(value) > MAX_ID:
        raise invalid(pointer, "too_long", f"{pointer}: use at most {MAX_ID} code points")
    if "\0" in value:
        raise invalid(pointer, "nul_character", f"{pointer}: holds a NUL character; take it out")


def _check_time(value: datetime) -> None:
    if value.tzinfo is None:
        raise invalid(
            "/occurred_at", "no_zone", "/occurred_at: has no zone; write 2026-11-22T08:00:00Z"
        )
    try:
        sane = _EARLIEST <= value <= _LATEST
    except OverflowError:
        sane = False
    if not sane:
        raise invalid("/occurred_at", "out_of_range", "/occurred_at: use a year from 1970 to 9998")


_decode_submission = StrictDecoder(Submission).decode
_decode_addressed = StrictDecoder(_Addressed).decode
_decode_batch = msgspec.json.Decoder(_Batch).decode
_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_SPACE = b" \t\r\n"
_BEFORE = re.compile(rb'[ \t\r\n]*+\{[ \t\r\n]*+"[^"]*+"[ \t\r\n]*+:[ \t\r\n]*+')
