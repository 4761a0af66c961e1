"""No silent miss: a breach in any place of any format is found or listed, its twin allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.planted.place import Place
from fixtures.planted.table import (
    BREACH,
    HEAD,
    INNOCENT,
    PLACES,
    TARGET,
    flagged,
    outcome,
    row,
    scan_here,
)

from service.uploads.formats import EXTRACTORS
from workers.scan.parent import run_scan


def params(places: tuple[Place, ...]) -> list[object]:
    return [
        pytest.param(
            place, id=place.id, marks=[getattr(pytest.mark, it) for it in [place.needs] if it]
        )
        for place in places
    ]


FIRST_OF_FORMAT = tuple({place.format: place for place in reversed(PLACES)}.values())
IN_THE_CHILD = tuple(place for place in FIRST_OF_FORMAT if place.format == "png" or not place.needs)
"""One picture is enough: it takes the reader of pictures a second to start."""


@pytest.mark.parametrize("place", params(PLACES))
def test_what_is_planted_is_found_or_listed_as_the_table_says(place: Place) -> None:
    scan = scan_here(place.make(BREACH), place.name.format(BREACH))
    assert outcome(place, scan)[0] == (f"listed: {place.listed}" if place.listed else "found")
    assert row(place, scan) in TARGET.read_text(encoding="utf-8").splitlines(), (
        "PYTHONPATH=tests .venv/bin/python -m fixtures.planted.table"
    )


@pytest.mark.parametrize("place", params(PLACES))
def test_an_innocent_twin_is_allowed(place: Place) -> None:
    scan = scan_here(place.make(INNOCENT), place.name.format(INNOCENT))
    assert [part for part in scan.parts if flagged(part)] == []
    assert {gap.why for gap in scan.unscanned} == ({place.listed} if place.listed else set())


@pytest.mark.parametrize("place", params(IN_THE_CHILD))
def test_the_sandboxed_child_says_the_same(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes(place.make(BREACH))
    here = scan_here(path.read_bytes(), place.name)
    assert run_scan(path, name=place.name, declared_type=None) == here


def test_the_table_has_a_line_for_each_place_and_no_other() -> None:
    written = TARGET.read_text(encoding="utf-8")
    assert written.startswith(HEAD)
    lines = written.removeprefix(HEAD).splitlines()
    starts = [f"| {place.format} | {place.where} |" for place in PLACES]
    assert len(set(starts)) == len(starts)
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts


def test_every_extractor_has_a_place() -> None:
    read = {
        scan_here(place.make(INNOCENT), place.name).type
        for place in FIRST_OF_FORMAT
        if not place.needs
    }
    idle = {id_ for id_, extractor in EXTRACTORS.items() if not read.intersection(extractor.types)}
    assert idle - {"picture"} == {"ole", "binary"}, "they have tests of their own"
