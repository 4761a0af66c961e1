"""A package is whole, or what is wrong with it is named."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from service.referrals.package import (
    AUDIT,
    MANIFEST,
    AuditExtract,
    AuditRow,
    PackageFlaw,
    SoundPackage,
    check,
    encode,
    make_manifest,
    pack,
)

FILES = {"README.txt": b"read me", "content/a.txt": "坏".encode(), AUDIT: encode(AuditExtract(()))}
ABOUT: dict[str, Any] = {
    "tenant": "a",
    "referral": "r-1",
    "authority": "某支队",
    "document_number": "12号",
    "made_at": datetime(2026, 11, 22, tzinfo=UTC),
    "service": "0",
}
Entries = list[tuple[str, bytes]]


def entries() -> Entries:
    return [(MANIFEST, make_manifest(FILES, **ABOUT)), *FILES.items()]


def archive(found: Entries) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for path, data in found:
            made.writestr(zipfile.ZipInfo(path), data)
    return held.getvalue()


def with_manifest(**changes: Any) -> Entries:
    manifest = msgspec.json.decode(make_manifest(FILES, **ABOUT)) | changes
    return [(MANIFEST, msgspec.json.encode(manifest)), *FILES.items()]


def test_an_untouched_package_is_sound_and_names_itself() -> None:
    manifest = make_manifest(FILES, **ABOUT)
    found = check(pack(FILES, manifest))
    assert isinstance(found, SoundPackage)
    assert (found.referral, found.document_number, found.files) == ("r-1", "12号", 3)
    assert found.manifest_sha256 == sha256(manifest).hexdigest()


def test_the_same_files_give_the_same_archive() -> None:
    manifest = make_manifest(FILES, **ABOUT)
    assert pack(FILES, manifest) == pack(dict(reversed(FILES.items())), manifest)


def changed(path: str, data: bytes) -> bytes:
    return archive([(name, data if name == path else was) for name, was in entries()])


TAMPERED = {
    "longer": (changed("README.txt", b"read me!"), "README.txt", "changed"),
    "other": (changed("content/a.txt", b"x"), "content/a.txt", "changed"),
    "lost": (archive([e for e in entries() if e[0] != "README.txt"]), "README.txt", "missing"),
    "added": (archive([*entries(), ("more.txt", b"")]), "more.txt", "added"),
    "no manifest": (archive(entries()[1:]), MANIFEST, "missing"),
    "not one": (changed(MANIFEST, b"{}"), MANIFEST, "unreadable"),
    "format": (archive(with_manifest(format="other/1")), MANIFEST, "unknown"),
    "unlisted": (archive(with_manifest(files=[])), "README.txt", "added"),
    "empty": (b"", "", "unreadable"),
    "torn": (b"PK\x03\x04 no archive", "", "unreadable"),
    "cut": (archive(entries())[:-30], "", "unreadable"),
}


@pytest.mark.parametrize(("data", "path", "why"), TAMPERED.values(), ids=TAMPERED)
def test_whatever_was_done_to_it_is_found(data: bytes, path: str, why: str) -> None:
    found = check(data)
    assert isinstance(found, PackageFlaw)
    assert found.path == path
    assert found.why.startswith(why)


def test_two_files_of_one_path_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = archive([*entries(), ("README.txt", b"read me")])
    assert check(data) == PackageFlaw("README.txt", "twice: two files have this path")


def row(**changes: Any) -> AuditRow:
    fields: dict[str, Any] = {
        "tenant": "a",
        "id": "x",
        "at": datetime(2026, 11, 22, 8, 0, 0, 5, tzinfo=UTC),
        "actor_kind": "person",
        "actor_id": "p-1",
        "action": "case.decided",
        "subject_kind": "case",
        "subject_id": "c-1",
        "detail": '{"to":"decided"}',
        "seal": "00" * 32,
        "seq": 7,
        "before": "11" * 32,
        "hash": "9ea5d06d7ecb7a3ba5ac0bbf6d38e3ea7a95c61c2de1bbb7b4db1cc8c52ca6f4",
    }
    return AuditRow(**fields | changes)


@pytest.mark.parametrize(
    ("changes", "sound"),
    [
        ({"seq": None, "before": None, "hash": None}, True),
        ({"seq": None}, False),
        ({"hash": None}, False),
        ({"hash": "00" * 32}, False),
    ],
)
def test_a_row_without_its_place_or_with_half_of_it(changes: Any, sound: bool) -> None:
    assert row(**changes).is_sound() == sound


def test_a_changed_row_of_the_audit_is_named_even_where_the_manifest_follows() -> None:
    """Somebody who makes a new manifest still cannot change what a row says."""
    files = FILES | {AUDIT: encode(AuditExtract((row(),)))}
    found = check(pack(files, make_manifest(files, **ABOUT)))
    assert found == PackageFlaw(AUDIT, "changed: row 7 does not have its hash")
