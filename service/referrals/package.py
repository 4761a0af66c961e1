"""The evidence package: files with a manifest that holds the hash of each, in one ZIP archive.

Whoever receives it checks it with nothing but this file's rules: every file is in the manifest and
has the size and SHA-256 that stand there; every row of the audit has the hash that follows from
what it says and the hash before it. The manifest's own SHA-256 is told apart from the package.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from service.kernel.audit import SAID
from service.kernel.audit_chain import link_hash

FORMAT: Final = "moderation-referral/1"
MANIFEST: Final = "manifest.json"
AUDIT: Final = "audit.json"

MOST_MANIFEST: Final = 4 * 1024 * 1024
"""Longest manifest that is read, in bytes."""

_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""Of every entry: the same files give the same archive."""


class FileSum(msgspec.Struct, frozen=True):
    """One file of the package: its path, its size in bytes, its SHA-256 in hex."""

    path: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the package holds, for which referral, made when and by which version."""

    format: str
    tenant: str
    referral: str
    authority: str
    document_number: str
    made_at: datetime
    service: str
    files: tuple[FileSum, ...]


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the audit with what proves it; `seq`, `before` and `hash` are null for a row that
    was not numbered yet. `detail` is JSON as it was written; `seal` and hashes are hex."""

    tenant: str
    id: str
    at: datetime
    actor_kind: str
    actor_id: str | None
    action: str
    subject_kind: str
    subject_id: str
    detail: str
    seal: str
    seq: int | None
    before: str | None
    hash: str | None

    def is_sound(self) -> bool:
        """Whether the hash is that of what the row says in its place."""
        if self.seq is None or self.before is None or self.hash is None:
            return self.seq is None and self.hash is None
        said = (
            self.tenant,
            self.id,
            self.at,
            self.actor_kind,
            self.actor_id,
            self.action,
            self.subject_kind,
            self.subject_id,
            self.detail.encode(),
            bytes.fromhex(self.seal),
        )
        assert len(said) == len(SAID) + 1
        return link_hash(bytes.fromhex(self.before), self.seq, said).hex() == self.hash


class AuditExtract(msgspec.Struct, frozen=True):
    """The rows about the matter, by number."""

    rows: tuple[AuditRow, ...]


class PackageFlaw(msgspec.Struct, frozen=True):
    """The first thing that is wrong with a package: in which file, and what."""

    path: str
    why: str


class SoundPackage(msgspec.Struct, frozen=True):
    """A package without a flaw: what it is, and the SHA-256 of its manifest in hex."""

    referral: str
    authority: str
    document_number: str
    made_at: datetime
    files: int
    manifest_sha256: str


def make_manifest(files: Mapping[str, bytes], **about: object) -> bytes:
    """The manifest of these files; `about` are its other fields but the format."""
    sums = tuple(
        FileSum(path, len(data), sha256(data).hexdigest()) for path, data in sorted(files.items())
    )
    manifest = msgspec.convert({**about, "format": FORMAT, "files": sums}, Manifest)
    return encode(manifest)


def pack(files: Mapping[str, bytes], manifest: bytes) -> bytes:
    """The archive: the manifest first, then the files by their paths."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for path, data in [(MANIFEST, manifest), *sorted(files.items())]:
            entry = zipfile.ZipInfo(path, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return held.getvalue()


def check(data: bytes) -> PackageFlaw | SoundPackage:
    """Whether a package is whole and unchanged, as far as it can be told from itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _check(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        return PackageFlaw("", "unreadable: no ZIP archive, or a broken one")


def _check(archive: zipfile.ZipFile) -> PackageFlaw | SoundPackage:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return PackageFlaw(twice, "twice: two files have this path")
    if MANIFEST not in names:
        return PackageFlaw(MANIFEST, "missing: the package has none")
    raw = _read(archive, MANIFEST, MOST_MANIFEST)
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except msgspec.MsgspecError:
        return PackageFlaw(MANIFEST, "unreadable: not a manifest of this kind")
    if manifest.format != FORMAT:
        return PackageFlaw(MANIFEST, "unknown: a manifest of another format")
    known = {found.path for found in manifest.files}
    if strange := sorted(set(names) - known - {MANIFEST}):
        return PackageFlaw(strange[0], "added: the manifest does not know this file")
    for found in manifest.files:
        if found.path not in names:
            return PackageFlaw(found.path, "missing: the manifest names it")
        read = _read(archive, found.path, found.bytes)
        if len(read) != found.bytes or sha256(read).hexdigest() != found.sha256:
            return PackageFlaw(found.path, "changed: not the file that the manifest was made of")
        if found.path == AUDIT and (why := _audit_flaw(read)):
            return PackageFlaw(AUDIT, why)
    return SoundPackage(
        manifest.referral,
        manifest.authority,
        manifest.document_number,
        manifest.made_at,
        len(manifest.files),
        sha256(raw).hexdigest(),
    )


def _read(archive: zipfile.ZipFile, path: str, most: int) -> bytes:
    """A file, but no more than a byte over what it may have."""
    with archive.open(path) as file:
        return file.read(most + 1)


def _audit_flaw(data: bytes) -> str:
    try:
        rows: Sequence[AuditRow] = msgspec.json.decode(data, type=AuditExtract).rows
        wrong = next((row for row in rows if not row.is_sound()), None)
    except (msgspec.MsgspecError, ValueError):
        return "unreadable: not an extract of the audit"
    return "" if wrong is None else f"changed: row {wrong.seq} does not have its hash"


def encode(value: object) -> bytes:
    """JSON that people can read, too."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
