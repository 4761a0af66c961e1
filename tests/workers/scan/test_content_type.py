"""Types are told by bytes; a name only decides which kind of text a text is."""

from __future__ import annotations

import pytest
from fixtures.planted.office import docx, epub, odf, pptx, xlsx
from fixtures.planted.place import zip_of

from workers.scan.content_type import UNKNOWN, suffix_of, type_of
from workers.scan.rules import Rules

OFFICE = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("data", "name", "type_"),
    [
        (b"words", "a.txt", "text/plain"),
        (b"words", "a.md", "text/markdown"),
        (b"words", "a.docx", "text/plain"),
        (b"<html><p>a", "a.txt", "text/html"),
        (b"  <!DOCTYPE HTML><p>a", "", "text/html"),
        (b"a < b and <html> is a tag", "", "text/plain"),
        (b"<?xml version='1.0'?><a/>", "", "application/xml"),
        (b"<?xml version='1.0'?><svg/>", "a.xml", "image/svg+xml"),
        (b"From: a@b.example\nSubject: c\n\nwords", "", "message/rfc822"),
        (b"Note: one colon\nis no message", "", "text/plain"),
        (b'{"a": 1}', "", "application/json"),
        (b"{\\rtf1 a}", "a.doc", "application/rtf"),
        (b"BM is how this text begins, which no bitmap does", "", "text/plain"),
        (b"%PDF-1.4\n", "a.txt", "application/pdf"),
        (b"MZ\x90\0\3\0\0\0", "a.txt", "application/vnd.microsoft.portable-executable"),
        (docx(), "a.zip", OFFICE + "wordprocessingml.document"),
        (xlsx(), "", OFFICE + "spreadsheetml.sheet"),
        (pptx(), "", OFFICE + "presentationml.presentation"),
        (odf(""), "", "application/vnd.oasis.opendocument.text"),
        (epub(), "", "application/epub+zip"),
        (zip_of({"word/document.xml": ""}), "a.docx", "application/zip"),
        (zip_of({"mimetype": "text/plain"}), "", "application/zip"),
        (b"PK\x03\x04 and nothing more", "", "application/zip"),
        (bytes(range(256)), "a.txt", UNKNOWN),
        (b"", "a.pdf", "text/plain"),
    ],
)
def test_the_type_is_that_of_the_bytes(data: bytes, name: str, type_: str) -> None:
    assert type_of(data, name=name) == (type_ if data else type_of(b""))


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.TXT", ".txt"),
        ("a/b.c/d", ""),
        ("a\\b.exe", ".exe"),
        (".hidden", ""),
        ("a.pdf. ", ".pdf"),
        ("a.b.c", ".c"),
        ("a.no such ending", ""),
        ("", ""),
    ],
)
def test_the_ending_of_a_name(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"L\0\0\0\x01\x14\x02\0" + b"\0" * 60, "windows_shortcut"),
        (b'Sub AutoOpen()\nCreateObject("WScript.Shell")', "macro_that_starts_by_itself"),
        (b"=cmd|'/c calc'!A0", "dynamic_data_exchange"),
        (
            b"{\\rtf1 Equation.3 \x02\xce\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46}",
            "equation_editor_object",
        ),
    ],
)
def test_each_shipped_rule_finds_what_it_is_for(data: bytes, rule: str) -> None:
    assert Rules().match(data) == [rule]


@pytest.mark.parametrize(
    "data",
    [
        "自动打开 AutoOpen 是宏的名字".encode(),
        b"how to use WScript.Shell",
        b"=SUM(A1:A9)|x",
        b"{\\rtf1 Equation.3 is an editor}",
    ],
)
def test_rules_leave_what_only_mentions_it(data: bytes) -> None:
    assert Rules().match(data) == []
