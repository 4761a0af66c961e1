"""Documents in the body of a request: what each is called, and its bytes in Base64."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Sequence
from typing import Final

import msgspec

from service.attachments.model import MOST_BYTES, MOST_FILES, Document
from service.kernel.problems import invalid

MOST_BODY: Final = MOST_BYTES * 4 // 3
"""What documents add to a body, in bytes."""

_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


class SentDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document: what it is called, and its bytes in Base64."""

    name: str
    content: str


def read_documents(sent: Sequence[SentDocument]) -> list[Document]:
    """The documents that were sent; raises `Problem`."""
    if len(sent) > MOST_FILES:
        raise invalid("/attachments", "too_many", f"/attachments: at most {MOST_FILES}")
    documents = []
    for at, document in enumerate(sent):
        try:
            data = b64decode(document.content, validate=True)
        except (binascii.Error, ValueError):
            pointer = f"/attachments/{at}/content"
            raise invalid(pointer, "invalid", f"{pointer}: not Base64") from None
        documents.append(Document(document.name, data))
    return documents


def is_attachment_id(text: str) -> bool:
    """Whether an address names an attachment at all."""
    return _ID.fullmatch(text) is not None
