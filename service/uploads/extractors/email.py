"""`email`: messages as mail programs save them, with their headers, bodies and attachments."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.message import EmailMessage, Message
from email.policy import default

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.extractors._encodings import decode
from service.uploads.parts import Part, ScanLimits, Unscanned


def _leaves(message: Message, depth: int = 0) -> Iterator[Message]:
    if not message.is_multipart():
        yield message
        return
    if depth > 30:
        raise Unreadable("too_deep")
    payload = message.get_payload()
    if isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _leaves(part, depth + 1)


def _readable(text: str) -> str:
    """Bytes that the parser took over as they were (as lone surrogates) are decoded after all."""
    try:
        return decode(text.encode("ascii", "surrogateescape")) or text
    except UnicodeEncodeError:
        return text


def _headers(message: Message) -> str:
    lines = []
    for name, value in message.raw_items():
        if name.lower() == "subject":
            continue
        try:
            shown = str(default.header_fetch_parse(name, value))
        except Exception:  # the parser of headers gives up in many ways
            shown = str(value)
        lines.append(f"{name}: {_readable(shown)}")
    return "\n".join(lines)


def read(data: bytes, _limits: ScanLimits) -> Iterator[Piece]:
    """Headers, then every body and attachment; encrypted ones are named."""
    message = email.message_from_bytes(data, _class=EmailMessage, policy=default)
    yield Part("subject", "text", _readable(str(message.get("Subject", ""))))
    yield Part("headers", "metadata", _headers(message))
    for text in (message.preamble, message.epilogue):
        if text and text.strip():
            yield Part("around", "text", _readable(text))
    for number, part in enumerate(_leaves(message), start=1):
        kind = part.get_content_type()
        try:
            name = part.get_filename() or f"body {number}"
        except Exception:  # a name that breaks the parser of headers
            name = f"body {number}"
        body = part.get_payload(decode=True)
        content = body if isinstance(body, bytes) else str(part.get_payload()).encode()
        if part is not message:
            yield Part(f"{name}/headers", "metadata", _headers(part))
        if kind in ("application/pkcs7-mime", "application/pgp-encrypted"):
            yield Unscanned(name, "encrypted")
            continue
        if not content:
            continue
        charset = part.get_content_charset()
        if kind.startswith("text/") and charset:
            text = decode(content, declared=charset)
            content = content if text is None else text.encode("utf-8", "replace")
        yield Inner(name, content, hint=kind)


EXTRACTOR = Extractor("email", ("message/rfc822",), read)
