"""An operator's classifier of pictures: asked for pictures alone, and missed when it is away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fixtures.uploads import Uploading

from service.settings import SettingsError, load_settings
from service.uploads.parts import Scan
from service.uploads.pictures import CommandClassifier, NoClassifier, PicturesAway
from service.wiring.uploads import build_pictures


class Saying:
    """Says the same of every picture, and counts them."""

    def __init__(self, scores: Mapping[str, float] | None) -> None:
        self.scores = scores
        self.asked = 0

    def classify(self, path: Path) -> Mapping[str, float]:
        self.asked += 1
        assert path.read_bytes() == b"picture"
        if self.scores is None:
            raise PicturesAway("away")
        return self.scores


def judged(uploading: Uploading, scores: Mapping[str, float] | None, kind: str) -> Any:
    uploading.pictures = Saying(scores)
    uploading.scanner = lambda *_, **__: Scan(kind, "scanned")
    return uploading.judged("picture", account={"id": "u-1"})["result"]


def test_what_it_says_brings_a_picture_before_a_person(uploading: Uploading) -> None:
    result = judged(uploading, {"3.4.1.7/pornography": 0.99}, "image/png")
    assert result["verdict"] == "review"
    (category,) = result["categories"]
    assert (category["label"], category["score"]) == ("pornography", 0.99)
    assert category["sources"] == ["picture"]
    assert result["case"] is not None


def test_only_pictures_are_shown_to_it(uploading: Uploading) -> None:
    result = judged(uploading, {"3.4.1.7/pornography": 0.99}, "application/pdf")
    assert result["verdict"] == "allow"
    assert uploading.pictures.asked == 0  # type: ignore[attr-defined]


def test_a_picture_is_judged_without_it_when_it_is_away(uploading: Uploading) -> None:
    result = judged(uploading, None, "image/png")
    assert (result["verdict"], result["degraded"]) == ("allow", ["pictures"])


def test_there_is_none_until_an_operator_names_one() -> None:
    assert isinstance(build_pictures(load_settings({})), NoClassifier)
    named = load_settings({"MODERATION_PICTURE_CLASSIFIER": "/opt/classify --fast"})
    assert isinstance(build_pictures(named), CommandClassifier)
    with pytest.raises(SettingsError):
        load_settings({"MODERATION_PICTURE_CLASSIFIER": "'unclosed"})
