"""What every extractor keeps, whatever it reads: it says what it finds, stops, and never breaks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from fixtures.planted.table import INNOCENT, PLACES
from hypothesis import given, settings
from hypothesis import strategies as st

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.formats import BY_TYPE, EXTRACTORS
from service.uploads.parts import WHY, Found, Part, Picture, ScanLimits, Unscanned
from workers.scan.content_type import type_of

EVERY = pytest.mark.parametrize("extractor", EXTRACTORS.values(), ids=list(EXTRACTORS))
SMALL = ScanLimits(pieces=20, pages=5, piece_bytes=100_000, total_bytes=200_000, pixels=100_000)


def examples() -> dict[str, bytes]:
    """A file for each extractor that has a place, by the extractor's id."""
    found: dict[str, bytes] = {}
    for place in PLACES:
        if not place.needs and not place.listed:
            data = place.make(INNOCENT)
            extractor = BY_TYPE.get(type_of(data, name=place.name))
            if extractor is not None:
                found.setdefault(extractor.id, data)
    return found


EXAMPLES = examples()


def pieces(extractor: Extractor, data: bytes) -> Iterator[Piece]:
    """What it yields, with the errors that anything hostile may cause as their reason."""
    try:
        yield from extractor.read(data, SMALL)
    except Unreadable as error:
        assert error.why in WHY
    except MemoryError:
        raise
    except (
        Exception
    ) as error:  # the walk takes any other for `corrupt`; only the process may not end
        assert not isinstance(error, AssertionError)


@EVERY
@given(noise=st.binary(max_size=300))
@settings(max_examples=15, deadline=None)
def test_noise_ends_in_pieces_or_a_reason(extractor: Extractor, noise: bytes) -> None:
    for piece in pieces(extractor, noise):
        assert isinstance(piece, Part | Unscanned | Found | Picture | Inner)


@pytest.mark.parametrize("id_", EXAMPLES)
def test_a_sound_file_is_read_without_an_error(id_: str) -> None:
    found = list(EXTRACTORS[id_].read(EXAMPLES[id_], ScanLimits()))
    assert found
    assert all(piece.why in WHY for piece in found if isinstance(piece, Unscanned))


@pytest.mark.parametrize("id_", EXAMPLES)
def test_reading_twice_gives_the_same(id_: str) -> None:
    first, second = (list(EXTRACTORS[id_].read(EXAMPLES[id_], ScanLimits())) for _ in range(2))
    assert first == second


@EVERY
def test_nothing_is_read_before_it_is_asked_for(extractor: Extractor) -> None:
    """A generator that raises only when it is started: limits stop it between two pieces."""
    iterator = extractor.read(b"\0", SMALL)
    assert iter(iterator) is iterator
    iterator.close()  # type: ignore[attr-defined]


def test_heavy_libraries_wait_until_a_file_needs_them() -> None:
    heavy = "PIL cv2 rapidocr onnxruntime magika pypdfium2 py7zr zxingcpp numpy"
    program = (
        "import sys, service.uploads.formats; "
        f"print([name for name in {heavy.split()!r} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
