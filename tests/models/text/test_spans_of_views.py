"""Spans: as many as characters, and pairs of those that are asked for."""

from __future__ import annotations

from models.text.places import Spans, SpansWriter


def test_single_characters_need_no_ends() -> None:
    spans = Spans(range(3, 6))
    assert len(spans) == 3
    assert spans.between(1, 3) == [(4, 5), (5, 6)]


def test_what_is_written_is_read_in_order() -> None:
    writer = SpansWriter()
    writer.singles(range(2))
    writer.one(2, 7)
    writer.singles(iter((9, 11)))
    spans = writer.done()
    assert len(spans) == 5
    assert spans.between(0, 5) == [(0, 1), (1, 2), (2, 7), (9, 10), (11, 12)]
    assert spans.between(2, 2) == []
