"""Banks of known bad content: what may stand in them, their versions, and what they find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from doors import START, WordJudge
from fixtures.uploads import Uploading
from sqlalchemy import Connection, Engine

from service.access.flow import create_tenant
from service.kernel.audit import Actor
from service.kernel.db import WRITES
from service.policy import catalogue
from service.policy.model import Verdict
from service.uploads.banks import store
from service.uploads.banks.flow import export_bank, import_bank
from service.uploads.banks.looking import Banks
from service.uploads.banks.model import Bank, BankError, BankKind, BankMode
from service.uploads.judging.file import FileJudge
from service.uploads.judging.known import Known
from service.uploads.parts import Part, Picture, Scan

LABELS = catalogue.load().clauses.keys()
ONE, TWO = "a" * 64, "b" * 64
HASH = "00ff00ff00ff00ff"


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        for tenant in ("a", "b"):
            create_tenant(conn, tenant, now=START)
        yield conn


def put(conn: Connection, *lines: str, **changes: Any) -> Bank:
    options = {
        "tenant_id": "a",
        "name": "known",
        "kind": BankKind.SHA256,
        "label": "3.4.1.7/gambling",
        "mode": BankMode.BLOCK,
        "source": "reviewers",
        "distance": None,
        "labels": LABELS,
        "actor": Actor("machine", None),
        "now": START,
    }
    bank, _ = import_bank(conn, lines, **options | changes)  # type: ignore[arg-type]
    return bank


def put_phash(conn: Connection, *lines: str, **changes: Any) -> Bank:
    return put(conn, *lines, kind=BankKind.PHASH, mode=BankMode.REVIEW, **changes)


def look(conn: Connection, *parts: Part, tenant: str = "a", **changes: Any) -> list[Known]:
    sha256 = changes.pop("sha256", "c" * 64)
    scan = Scan(**{"type": "text/plain", "status": "scanned", "parts": parts} | changes)
    return Banks().look(conn, tenant, scan, sha256)


def test_an_import_is_the_next_version_and_the_one_before_can_be_had(conn: Connection) -> None:
    assert put(conn, ONE, "# remark", "", f"{TWO.upper()} # once").version == 1
    assert put(conn, TWO).version == 2
    assert put(conn, ONE, TWO).version == 3
    assert export_bank(conn, "a", "known") == [ONE, TWO]
    assert [export_bank(conn, "a", "known", n) for n in (1, 2, 3)] == [
        [ONE, TWO],
        [TWO],
        [ONE, TWO],
    ]
    for version in (0, 4):
        with pytest.raises(BankError):
            export_bank(conn, "a", "known", version)


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("a" * 63, {}),
        ("g" * 64, {}),
        (ONE, {"label": "3.4.1.7/nothing"}),
        (ONE, {"name": "../x"}),
        (ONE, {"source": " "}),
        (ONE, {"distance": 3}),
        (HASH, {"kind": BankKind.PHASH}),
        (HASH, {"kind": BankKind.PHASH, "mode": BankMode.REVIEW, "distance": 17}),
        ("f" * 16, {"kind": BankKind.PHASH, "mode": BankMode.REVIEW}),
        ("nodot", {"kind": BankKind.DOMAIN}),
        ("http://a.example", {"kind": BankKind.DOMAIN}),
        ("127.0.0.1", {"kind": BankKind.DOMAIN}),
        ("0.0.0.0 bad_.example/", {"kind": BankKind.DOMAIN}),
        ("10.0.0.1 bad.example", {"kind": BankKind.DOMAIN}),
        ("||bad.example/path^", {"kind": BankKind.DOMAIN}),
        ("||bad.example^ ||worse.example^", {"kind": BankKind.DOMAIN}),
        ("news.example##.banner", {"kind": BankKind.DOMAIN}),
        ("com.cn", {"kind": BankKind.DOMAIN}),
        (f"{ONE} {TWO}", {}),
    ],
)
def test_what_cannot_stand_in_a_bank_is_refused(
    conn: Connection, line: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(BankError):
        put(conn, line, **changes)
    assert store.all_of(conn, "a") == []


def test_lists_of_domains_are_taken_as_others_write_them(conn: Connection) -> None:
    put(
        conn,
        "[Adblock Plus 2.0]",
        "! a remark",
        "||One.example^",
        "||two.example^$third-party,script",
        "127.0.0.1 localhost",
        "0.0.0.0 0.0.0.0",
        "0.0.0.0 three.example www.three.example # and a remark",
        "四.example",
        "",
        kind=BankKind.DOMAIN,
    )
    assert export_bank(conn, "a", "known") == [
        "one.example",
        "three.example",
        "two.example",
        "www.three.example",
        "xn--wbs.example",
    ]


def test_a_bank_keeps_its_kind(conn: Connection) -> None:
    put(conn, ONE)
    with pytest.raises(BankError):
        put(conn, "a.example", kind=BankKind.DOMAIN)


def test_a_file_is_known_by_its_digest_and_a_picture_in_it_by_its_own(conn: Connection) -> None:
    put(conn, ONE, TWO)
    (known,) = look(conn, sha256=ONE)
    assert (known.bank, known.part, known.value, known.may_block) == ("known@1", "file", ONE, True)
    (known,) = look(conn, pictures=(Picture("a.zip/b.png", TWO, "1" * 16),))
    assert known.part == "a.zip/b.png"
    assert look(conn) == []


def test_an_entry_that_was_taken_out_is_known_no_more(conn: Connection) -> None:
    put(conn, ONE)
    put(conn, TWO)
    assert look(conn, sha256=ONE) == []


@pytest.mark.parametrize(
    ("phash", "found"),
    [(HASH, True), ("00ff00ff00ff00fe", True), ("00ff00ff00ff0000", False), ("", False)],
)
def test_a_likeness_is_known_within_the_threshold(
    conn: Connection, phash: str, found: bool
) -> None:
    put_phash(conn, HASH, "f0f0f0f0f0f0f0f0", distance=7)
    known = look(conn, pictures=(Picture("file", ONE, phash),))
    assert [one.value for one in known] == ([HASH] if found else [])
    assert not any(one.may_block for one in known)


def test_likenesses_are_those_of_the_newest_version(conn: Connection) -> None:
    banks = Banks()
    scan = Scan("image/png", "scanned", pictures=(Picture("file", ONE, HASH),))
    put_phash(conn, HASH)
    assert len(banks.look(conn, "a", scan, TWO)) == 1
    put_phash(conn, "f0f0f0f0f0f0f0f0")
    assert banks.look(conn, "a", scan, TWO) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("见 https://www.bet.example/a?b", "www.bet.example"),
        ("BET.example", "BET.example"),
        ("notbet.example", None),
        ("bet.example.org", None),
    ],
)
def test_a_domain_is_known_with_all_below_it(
    conn: Connection, text: str, written: str | None
) -> None:
    put(conn, "Bet.Example.", kind=BankKind.DOMAIN)
    known = look(conn, Part("qr", "code", text))
    assert [one.written for one in known] == ([] if written is None else [written])
    for one in known:
        assert text[one.start : one.start + len(one.written)] == one.written


def test_another_tenants_banks_say_nothing(conn: Connection) -> None:
    put(conn, ONE)
    put(conn, ONE, tenant_id="b", name="theirs", label="3.4.1.7/violence")
    assert [one.bank for one in look(conn, sha256=ONE)] == ["known@1"]
    assert [one.bank for one in look(conn, sha256=ONE, tenant="b")] == ["theirs@1"]


@pytest.mark.parametrize(
    ("label", "may_block", "verdict"),
    [
        ("3.4.1.7/gambling", True, Verdict.BLOCK),
        ("3.4.1.7/gambling", False, Verdict.REVIEW),
        ("3.4.1.4/public_rumor", True, Verdict.ALLOW),  # not judged on an enterprise's records
    ],
)
def test_what_is_known_goes_as_far_as_bank_and_label_may(
    label: str, may_block: bool, verdict: Verdict
) -> None:
    known = Known(bank="k@1", label=label, value=ONE, part="file", may_block=may_block)
    scan = Scan("text/plain", "scanned")
    judged = FileJudge(WordJudge(), catalogue.load()).judge(scan, "drive.file", known=[known])
    assert judged.verdict is verdict


def test_no_label_of_opinion_is_blocked_by_a_bank() -> None:
    known = Known(bank="k@1", label="3.4.1.4/public_rumor", value=ONE, part="file", may_block=True)
    scan = Scan("text/plain", "scanned")
    judged = FileJudge(WordJudge(), catalogue.load()).judge(scan, "im.message", known=[known])
    assert judged.verdict is Verdict.REVIEW


def test_a_known_file_is_blocked_at_the_door(uploading: Uploading) -> None:
    engine = uploading.door.services.engine.execution_options(**{WRITES: True})
    digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # of "foo"
    with engine.begin() as conn:
        put(conn, digest)
    result = uploading.judged("foo", data_id="f-1", account={"id": "u-1"})["result"]
    assert result["verdict"] == "block"
    (category,) = result["categories"]
    assert category["sources"] == ["bank"]
    (hit,) = category["hits"]
    assert (hit["list"], hit["entry"], hit["part"]) == ("known@1", digest, "file")
    assert "已知违规内容库" in result["reasons"]["zh-CN"]
    assert uploading.judged("foo!")["result"]["verdict"] == "allow"
