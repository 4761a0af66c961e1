"""Reads JSON strictly: one document in UTF-8, no key twice, nothing unknown, nothing echoed.

msgspec alone keeps the last of two equal keys, reports the first fault it meets (a wrong type
before the syntax error behind it) and names in its messages what the caller sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from service.kernel.problems import INVALID_REQUEST, MALFORMED_JSON, Flaw, Problem

T = TypeVar("T")


class StrictDecoder(Generic[T]):
    """Decodes bytes to a msgspec struct whose parts all forbid unknown fields.

    `decode` raises `Problem`: 400 `malformed_json` for what is not one JSON document in UTF-8 or
    has a key twice in an object, 422 `invalid_request` with a pointer for the rest.
    """

    def __init__(self, shape: type[T]) -> None:
        self._decode = msgspec.json.Decoder(shape).decode
        names = b"|".join(re.escape(name.encode()) for name in sorted(_field_names(shape)))
        self._names = re.compile(b'"(?:' + names + b')"').findall

    def decode(self, body: bytes) -> T:
        """The value in `body`."""
        try:
            value = self._decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise explain(body, error) from None
        # Every key is one of ours by now. One that stands twice stands twice between quotes,
        # unless it is spelt with an escape of an ASCII letter: \u00… in every case.
        names = self._names(body)
        if (len(names) != len(set(names)) or b"\\u00" in body) and has_duplicate_keys(body):
            raise duplicate_keys()
        return value


def explain(body: bytes, error: Exception) -> Problem:
    """The problem of a body that did not decode: syntax first, then equal keys, then shape."""
    try:
        msgspec.json.decode(body)
        body.decode("utf-8")
        if has_duplicate_keys(body):
            return duplicate_keys()
    except msgspec.ValidationError:  # a number out of range: the syntax is right
        pass
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Problem(MALFORMED_JSON, "body: not one JSON document in UTF-8; check its syntax")
    except RecursionError:
        return Problem(MALFORMED_JSON, "body: nested too deep; send at most a few levels")
    flaw, detail = _locate(str(error))
    return Problem(INVALID_REQUEST, detail, errors=(flaw,))


def duplicate_keys() -> Problem:
    """The problem of a document in which an object has a key twice."""
    return Problem(MALFORMED_JSON, "body: an object has the same key twice; send each key once")


def has_duplicate_keys(body: bytes) -> bool:
    """Whether any object of a well-formed document has two equal keys, escapes undone."""
    levels: list[set[bytes]] = []
    for match in _TOKEN.finditer(body):
        mark = match[0][:1]
        if mark == b"{":
            levels.append(set())
        elif mark == b"}":
            levels.pop()
        elif match[2]:
            key = match[1]
            if b"\\" in key:
                key = msgspec.json.decode(b'"' + key + b'"', type=str).encode()
            if key in levels[-1]:
                return True
            levels[-1].add(key)
    return False


_TOKEN = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"(?:[ \t\r\n]*+(:))?+|[{}]', re.DOTALL)
"""A string with the colon that makes it a key, or a brace: a string's insides are no token."""


def _locate(message: str) -> tuple[Flaw, str]:
    """The flaw that msgspec's message speaks of; nothing of the caller's is taken over."""
    text, _, path = message.rpartition(" - at `$")
    if not text:
        text, path = message, ""
    pointer = _pointer(path.removesuffix("`"))
    missing = _MISSING.match(text)
    if missing:
        pointer = f"{pointer}/{missing[1]}"
        return Flaw(pointer, "missing_field"), f"{pointer}: required, but missing"
    for beginning, code, what in _FAULTS:
        if text.startswith(beginning):
            return Flaw(pointer, code), f"{pointer or 'body'}: {what}"
    return Flaw(pointer, "invalid"), f"{pointer or 'body'}: not allowed; see /openapi.json"


def _pointer(path: str) -> str:
    """`.items[0].text` as `/items/0/text`; a key of the caller's ends it."""
    parts = []
    for match in _STEP.finditer(path):
        step = match[1] or match[2]
        if step is None:
            break
        parts.append(step)
    return "".join(f"/{part}" for part in parts)


_STEP = re.compile(r"\.([a-z_]+)|\[(\d+)\]|(.)", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `([a-z_]+)`$")
_FAULTS = (
    ("Object contains unknown field", "unknown_field", "holds a field that is not known here"),
    ("Expected", "wrong_type", "of the wrong type; see /openapi.json"),
    ("Invalid enum value", "unknown_value", "none of the values allowed; see /openapi.json"),
    ("Invalid RFC3339", "invalid_time", "no time; use RFC 3339 with a zone, 2026-11-22T08:00:00Z"),
    ("Number out of range", "out_of_range", "a number out of range"),
)


def _field_names(shape: type[Any]) -> set[str]:
    """The encoded names of a struct and the structs inside it."""
    names: set[str] = set()
    todo: list[msgspec.inspect.Type] = [msgspec.inspect.type_info(shape)]
    while todo:
        kind = todo.pop()
        if isinstance(kind, msgspec.inspect.StructType):
            if not kind.forbid_unknown_fields:
                raise TypeError(f"{kind.cls.__name__}: must forbid unknown fields to be strict")
            names.update(field.encode_name for field in kind.fields)
            todo.extend(field.type for field in kind.fields)
        else:
            todo.extend(_inner(kind))
    return names


def _inner(kind: msgspec.inspect.Type) -> Iterator[msgspec.inspect.Type]:
    found: Iterable[Any] = getattr(kind, "types", None) or getattr(kind, "item_types", None) or ()
    yield from found
    item = getattr(kind, "item_type", None)
    if item is not None:
        yield item
