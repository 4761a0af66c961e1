"""Perceptual hashes are those that imagehash gives, so banks can be exchanged with others."""

from __future__ import annotations

from itertools import pairwise

import imagehash
import pytest
from PIL import Image

from service.uploads.extractors import _pictures
from service.uploads.extractors._pictures import perceptual_hash, prepare, read_image
from service.uploads.parts import Unscanned

SEEDS = range(12)


def picture(seed: int) -> Image.Image:
    """A picture with some structure, another for each number."""
    size = (60 + 37 * seed, 300 - 17 * seed)
    image = Image.linear_gradient("L").rotate(30 * seed).resize(size)
    image.paste(20 * seed, (seed, seed, 40 + seed, 50))
    return image.convert("RGB")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hash_is_imagehashs(seed: int) -> None:
    ours = imagehash.hex_to_hash(perceptual_hash(picture(seed)))
    assert ours - imagehash.phash(picture(seed)) <= 1  # a coefficient on the median falls anywhere


def test_a_smaller_copy_has_nearly_the_same_hash_and_another_picture_has_not() -> None:
    first = imagehash.hex_to_hash(perceptual_hash(picture(3)))
    small = imagehash.hex_to_hash(perceptual_hash(picture(3).resize((50, 70))))
    other = imagehash.hex_to_hash(perceptual_hash(picture(9)))
    assert first - small <= 6
    assert first - other > 12


def test_without_an_engine_a_picture_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError

    monkeypatch.setattr(_pictures, "_reader", missing)
    small, hashed = prepare(picture(1))
    found = list(read_image(small, hashed, name="a", source=b"x"))
    assert Unscanned("a/ocr", "ocr_unavailable") in found


@pytest.mark.parametrize("length", [1, 1_199, 1_200, 1_201, 5_000, 20_001])
def test_a_side_is_cut_without_a_gap(length: int) -> None:
    cuts = _pictures._cuts(length)
    assert cuts[0][0] == 0
    assert cuts[-1][1] == length
    assert all(end - start <= 1_300 for start, end in cuts)
    assert all(after[0] <= before[1] - 40 for before, after in pairwise(cuts))
