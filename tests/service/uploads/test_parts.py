"""What a scan finds travels as JSON and comes back as it was."""

from __future__ import annotations

import msgspec
import pytest

from service.policy.catalogue import load
from service.uploads.parts import MALWARE, Found, Part, Picture, Scan, ScanLimits, Unscanned


def test_a_scan_comes_back_from_json_as_it_was() -> None:
    scan = Scan(
        type="application/zip",
        status="unscannable",
        parts=(Part("a.zip/b.txt", "text", "你好\u2028\x00"),),
        unscanned=(Unscanned("a.zip/c", "encrypted"),),
        found=(Found("a.zip", "polyglot", "pdf+zip"),),
        pictures=(Picture("a.zip/d.png", "0" * 64, "f" * 16),),
        malware_engine="degraded",
    )
    assert msgspec.json.decode(msgspec.json.encode(scan), type=Scan) == scan


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"text/plain","status":"allowed"}',
        b'{"type":"text/plain","status":"scanned","parts":[{"name":"a","kind":"b","text":""}]}',
        b'{"type":"text/plain","status":"scanned","found":[{"part":"","kind":"x","name":""}]}',
    ],
)
def test_words_outside_the_lists_are_refused(line: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(line, type=Scan)


def test_a_limit_that_nobody_knows_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"secnds": 3}', type=ScanLimits)


def test_evidence_is_of_a_label_that_the_policy_has() -> None:
    assert MALWARE in load().clauses
