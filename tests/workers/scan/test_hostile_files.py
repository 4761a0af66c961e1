"""Files that lie, hide, reach out or are broken: named as what they are, and never just allowed."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fixtures.planted.archives import encrypted_zip, seven_of, tar_of
from fixtures.planted.office import docx, package, xlsx
from fixtures.planted.pdf import pdf, show
from fixtures.planted.pictures import saved
from fixtures.planted.place import zip_of
from fixtures.planted.table import scan_here
from PIL import Image

from service.uploads.parts import WHY, Found, Scan, Unscanned
from workers.scan.parent import run_scan

# Put together here, so that no scanner takes this file for what it describes.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PROGRAM = b"MZ" + b"\0" * 58 + struct.pack("<I", 64) + b"PE\0\0" + b"\0" * 200
PNG = saved(Image.new("RGB", (60, 40), "white"))
LONG = "公司章程第一条。" * 200


def ole(*streams: str) -> bytes:
    """The head of an OLE file with the names of these streams in it."""
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + names


def wrong_checksum(archive: bytes) -> bytes:
    """The archive with another checksum of its only entry in its table."""
    data = bytearray(archive)
    data[data.rfind(b"PK\x01\x02") + 16] ^= 1
    return bytes(data)


def kinds(scan: Scan) -> set[tuple[str, str]]:
    return {(found.kind, found.name) for found in scan.found}


# -- broken

BROKEN: dict[str, tuple[str, bytes, str]] = {
    "encrypted zip": ("a.zip", encrypted_zip("a"), "encrypted"),
    "encrypted 7z": ("a.7z", seven_of({"a": b"a"}, password="geheim"), "encrypted"),
    "encrypted office file": ("a.docx", ole("Root Entry", "EncryptedPackage"), "encrypted"),
    "cut zip": ("a.zip", zip_of({"a.txt": LONG})[:-30], "truncated"),
    "cut docx": ("a.docx", docx()[:-100], "truncated"),
    "cut png": ("a.png", saved(Image.effect_noise((90, 90), 50))[:2_000], "truncated"),
    "cut jpeg": ("a.jpg", saved(Image.effect_noise((90, 90), 50), "JPEG")[:1_200], "truncated"),
    "cut pdf": ("a.pdf", pdf([show("a")])[:-9], "truncated"),
    "cut tar": ("a.tar", tar_of({"a": b"x" * 3_000})[:2_000], "truncated"),
    "cut rtf": ("a.rtf", b"{\\rtf1 words {\\b more", "truncated"),
    "zip with a wrong checksum": (
        "a.zip",
        wrong_checksum(zip_of({"a.txt": LONG})),
        "corrupt",
    ),
    "png that is none": ("a.png", PNG[:8] + b"nothing of a picture", "corrupt"),
    "pdf that is none": ("a.pdf", b"%PDF-1.7\n" + b"\xff" * 99 + b"%%EOF", "corrupt"),
    "xml that is none": ("a.xml", b"<?xml version='1.0'?><a><b></a>", "corrupt"),
    "docx with a broken part": (
        "a.docx",
        package("word", {"word/document.xml": "<w:document><w:p>"}),
        "corrupt",
    ),
    "nothing": ("a.docx", b"", "empty"),
    "film": ("a.mp4", b"\0\0\0\x20ftypisom" + b"\0" * 99, "unsupported"),
    "program": ("a.exe", PROGRAM, "unsupported"),
    "old word file": ("a.doc", ole("WordDocument"), "unsupported"),
    "random bytes": ("a.bin", bytes(range(256)) * 9, "unsupported"),
}


@pytest.mark.parametrize(
    ("name", "data", "why"), BROKEN.values(), ids=[key.replace(" ", "-") for key in BROKEN]
)
def test_what_cannot_be_read_is_unscannable_with_the_reason(
    name: str, data: bytes, why: str
) -> None:
    scan = scan_here(data, name)
    assert scan.status == "unscannable"
    assert why in {gap.why for gap in scan.unscanned}
    assert {gap.why for gap in scan.unscanned} <= WHY


def test_of_a_broken_archive_is_read_what_can_be() -> None:
    scan = scan_here(BROKEN["zip with a wrong checksum"][1], "a.zip")
    assert LONG in {part.text for part in scan.parts}


def test_of_an_old_word_file_the_strings_are_read() -> None:
    data = ole("WordDocument") + "网上赌场充值返水，首存送彩金".encode("utf-16-le")
    assert any("首存送彩金" in part.text for part in scan_here(data, "a.doc").parts)


# -- reaching out


def test_entities_are_never_expanded_nor_files_fetched() -> None:
    outside = (
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"
    )
    for data, name in ((outside, "a.xml"), (outside.replace(b"<a>", b"<svg>"), "a.svg")):
        scan = scan_here(data, name)
        assert "unsafe" in {gap.why for gap in scan.unscanned}
        assert not any("root:" in part.text for part in scan.parts)


def test_templates_from_elsewhere_are_evidence_and_not_fetched() -> None:
    relations = (
        '<Relationships><Relationship TargetMode="External" Target="http://a.example/t.dotm" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'attachedTemplate"/></Relationships>'
    )
    data = package("word", {"word/document.xml": "<a/>", "word/_rels/s.xml.rels": relations})
    scan = scan_here(data, "a.docx")
    assert ("script", "remote attachedTemplate") in kinds(scan)
    assert "http://a.example/t.dotm" in {part.text for part in scan.parts if part.kind == "link"}


def test_entries_with_ways_out_of_the_archive_are_only_names(tmp_path: Path) -> None:
    names = ["../../../../tmp/slip.txt", "/etc/slip", "..\\..\\slip.txt", "C:\\slip.txt"]
    path = tmp_path / "stored"
    path.write_bytes(zip_of(dict.fromkeys(names, "words")))
    scan = run_scan(path, name="a.zip", declared_type=None)
    assert set(names) <= {part.text for part in scan.parts if part.kind == "name"}
    assert [file.name for file in tmp_path.iterdir()] == ["stored"]
    assert not Path("/tmp/slip.txt").exists()


def test_links_in_archives_are_not_followed() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"link{kind.decode()}")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    scan = scan_here(out.getvalue(), "a.tar")
    assert [gap.why for gap in scan.unscanned] == ["unsafe"] * 4
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr(info, "/etc/passwd")
    assert scan_here(out.getvalue(), "a.zip").unscanned == (Unscanned("link", "unsafe"),)


# -- lying about the type


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("a.pdf", PNG, ".pdf is image/png"),
        ("a.png", b"only words", ".png is text/plain"),
        ("a.txt", PROGRAM, ".txt is application/vnd.microsoft.portable-executable"),
        ("a.docx", zip_of({"a": "b"}), ".docx is application/zip"),
        ("invoice.pdf.exe", PROGRAM, "double extension .pdf.exe"),
        ("合同.docx .scr", PROGRAM, "double extension .docx.scr"),
        ("a\u202efdp.exe", PROGRAM, "name turned round"),
    ],
)
def test_a_name_that_does_not_fit_the_content_is_evidence(
    name: str, data: bytes, found: str
) -> None:
    assert ("type_disagrees", found) in kinds(scan_here(data, name))


def test_the_declared_type_is_held_against_the_content(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes(PNG)
    scan = run_scan(path, name="upload", declared_type="application/pdf")
    assert ("type_disagrees", "declared application/pdf is image/png") in kinds(scan)


@pytest.mark.parametrize(
    ("name", "declared", "data"),
    [
        ("a.txt", "text/plain; charset=utf-8", b"words"),
        ("a.csv", "application/vnd.ms-excel", b"a,b\n1,2\n"),
        ("a.csv", "text/csv", b"a,b\n1,2\n"),
        ("a.png", "application/octet-stream", PNG),
        ("a.docx", "application/zip", docx()),
        ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx()),
        ("a.zip", "application/x-zip-compressed", zip_of({"a.txt": "b"})),
        ("a.json", "application/json", b'{"a": 1}'),
        ("报告.pdf", "application/pdf", pdf([show("公司章程")])),
        ("a.tar.gz", "application/gzip", b""),
        ("v1.2.3 final", "text/plain", b"words"),
    ],
)
def test_honest_files_are_no_evidence(
    name: str, declared: str, data: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "stored"
    path.write_bytes(data or b"words")
    if data:
        assert run_scan(path, name=name, declared_type=declared).found == ()
    else:
        assert run_scan(path, name=name, declared_type=declared).found != ()


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("a.png", PNG + zip_of({"a.txt": "words"}), "image/png and application/zip"),
        ("a.pdf", pdf() + zip_of({"a.txt": "words"}), "application/pdf and application/zip"),
        ("a.gif", saved(Image.new("L", (9, 9)), "GIF") + b"<script>", "image/gif and text/html"),
        ("a.exe", PROGRAM + zip_of({"a": "b"}), "portable-executable and application/zip"),
    ],
)
def test_files_of_two_types_are_read_as_both(name: str, data: bytes, found: str) -> None:
    scan = scan_here(data, name)
    assert any(kind == "polyglot" and text.endswith(found) for kind, text in kinds(scan))


# -- names


@pytest.mark.parametrize(
    "name",
    [
        "a" * 300 + ".txt",
        "a\nb\r\nc.txt",
        "%2e%2e%2fa.txt",
        "../a.txt",
        "a\0b.txt",
        "",
        " ",
        "\u202e",
    ],
)
def test_any_name_is_only_text(name: str) -> None:
    scan = scan_here(zip_of({name or "x": "words"}), name)
    assert not [part for part in scan.parts if "\n" in part.name or len(part.name) > 200]
    assert "words" in {part.text for part in scan.parts}


# -- malware


@pytest.mark.parametrize(
    ("wrap", "part"),
    [
        (lambda data: data, "file"),
        (lambda data: zip_of({"a.com": data}), "a.com"),
        (lambda data: zip_of({"b.zip": zip_of({"a.com": data})}), "b.zip/a.com"),
        (lambda data: docx(embeddings__a_bin=data), "word/embeddings/a.bin"),
        (lambda data: tar_of({"a": data}), "a"),
    ],
    ids=["plain", "zip", "zip-in-zip", "docx", "tar"],
)
def test_the_test_string_of_malware_is_found_wherever_it_lies(
    wrap: Callable[[bytes], bytes], part: str
) -> None:
    scan = scan_here(wrap(EICAR), "a")
    assert Found(part, "malware_rule", "eicar_test_file", "3.4.2.1/malware") in scan.found


def test_drawings_with_scripts_are_evidence() -> None:
    start = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    for body, name in (
        (b"><script>alert(1)</script></svg>", "svg script"),
        (b' onload="alert(1)"></svg>', "svg handler"),
        (b'><a xlink:href=" java\nscript:alert(1)"/></svg>', "svg script link"),
    ):
        assert ("script", name) in kinds(scan_here(start + body, "a.svg"))
    assert kinds(scan_here(start + b"><text>words</text></svg>", "a.svg")) == set()


def test_an_operators_rules_are_asked_too(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "own.yar").write_text('rule our_own { strings: $a = "abracadabra" condition: $a }')
    path = tmp_path / "stored"
    path.write_bytes(b"say abracadabra")
    scan = run_scan(path, name="a", declared_type=None, rules_folder=rules)
    assert scan.found == (Found("file", "malware_rule", "our_own"),)
    assert scan.malware_engine == "rules"


def test_a_rule_that_cannot_be_compiled_leaves_the_others_and_is_told(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "own.yar").write_text("rule broken {")
    path = tmp_path / "stored"
    path.write_bytes(EICAR)
    scan = run_scan(path, name="a", declared_type=None, rules_folder=rules)
    assert [found.name for found in scan.found] == ["eicar_test_file"]
    assert scan.malware_engine == "degraded"
