"""Documents that people hand in, as files under generated names that nothing ever opens.

They are given back as downloads of no type, so that no browser shows or runs what somebody sent.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from service.attachments.model import (
    MOST_BYTES,
    MOST_FILE_BYTES,
    MOST_FILES,
    Attachment,
    Document,
    WrongDocuments,
)
from service.web.shown import show

MOST_NAME: Final = 100
_NAME: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_ENDING: Final = re.compile(r"[a-z0-9]{1,8}", re.ASCII)


class Files(Protocol):
    """Where documents are kept, by tenant and generated name."""

    def put(self, tenant_id: str, name: str, data: bytes) -> None:
        """Keep a document, durably; raises `OSError`."""
        ...

    def get(self, tenant_id: str, name: str) -> bytes | None:
        """A document, None when it is not kept (any more)."""
        ...

    def remove(self, tenant_id: str, name: str) -> None:
        """Forget a document, if it is there."""
        ...


class LocalFolder:
    """Files in a folder of this machine, a subfolder for each tenant; readable by us alone."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, tenant_id: str, name: str, data: bytes) -> None:
        path = self._path(tenant_id, name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(number, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def get(self, tenant_id: str, name: str) -> bytes | None:
        try:
            return self._path(tenant_id, name).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, tenant_id: str, name: str) -> None:
        self._path(tenant_id, name).unlink(missing_ok=True)

    def _path(self, tenant_id: str, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("name: not one that was generated")
        return self._root / sha256(tenant_id.encode()).hexdigest()[:32] / name


def keep(files: Files, tenant_id: str, documents: Sequence[Document]) -> tuple[Attachment, ...]:
    """Keep documents under new names; all or none. Raises `WrongDocuments` and `OSError`."""
    check(documents)
    kept: list[Attachment] = []
    try:
        for document in documents:
            name = secrets.token_hex(16)
            files.put(tenant_id, name, document.data)
            digest = sha256(document.data).hexdigest()
            kept.append(Attachment(name, clean_name(document.name), len(document.data), digest))
    except BaseException:
        drop(files, tenant_id, kept)
        raise
    return tuple(kept)


def check(documents: Sequence[Document]) -> None:
    """Raises `WrongDocuments` for too many, one that is empty, or too many bytes."""
    if len(documents) > MOST_FILES:
        raise WrongDocuments(f"attachments: at most {MOST_FILES}", "too_many")
    if any(not document.data for document in documents):
        raise WrongDocuments("attachments: one is empty", "empty")
    if any(len(document.data) > MOST_FILE_BYTES for document in documents):
        raise WrongDocuments(f"attachments: each at most {MOST_FILE_BYTES} bytes", "too_long")
    if sum(len(document.data) for document in documents) > MOST_BYTES:
        raise WrongDocuments(f"attachments: together at most {MOST_BYTES} bytes", "too_long")


def drop(files: Files, tenant_id: str, attachments: Sequence[Attachment]) -> None:
    """Forget documents whose taking came to nothing."""
    for attachment in attachments:
        files.remove(tenant_id, attachment.id)


def clean_name(name: str) -> str:
    """What somebody called a document, without folders and with every hidden character visible."""
    last = re.split(r"[/\\]", name)[-1].strip() or "file"
    shown = "".join(
        f"[{piece.text}]" if piece.hidden else piece.text.replace("\n", " ") for piece in show(last)
    )
    return shown[:MOST_NAME]


def download_name(attachment: Attachment) -> str:
    """A harmless name for a download: the generated one, with the ending that it was sent with."""
    ending = PurePosixPath(attachment.name).suffix.removeprefix(".").lower()
    return f"{attachment.id[:12]}.{ending if _ENDING.fullmatch(ending) else 'bin'}"
