"""A model version's files: what is saved is loaded, what is unsound is refused with advice."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from fixtures.models import by_hand

from models.classifier.artefact import FORMAT, ArtefactError, load, save, shipped_folder
from models.classifier.classifier import Caution, Classifier
from models.classifier.weigh import Weighing

LABELS = ("3.4.1.7/fraud", "3.4.1.7/gambling")
WEIGHTS = {"赌博": [1.0, -2.0], "彩金": [0.5, 3.0], " a": [-0.25, 0.125], "好": [0.0, 0.0]}


WEIGHING = Weighing(bias=-0.5, model=0.75, strict=1.5, topic=0.25)
CAUTIONS = {LABELS[0]: Caution(review=0.4, block=0.9), LABELS[1]: Caution(review=0.55)}


def make(weights: Mapping[str, list[float]] = WEIGHTS) -> Classifier:
    linear = by_hand(LABELS, weights, [-3.0, -4.125])
    return Classifier(linear, WEIGHING, CAUTIONS)


def write(parent: Path, weights: Mapping[str, list[float]] = WEIGHTS) -> Path:
    return save(parent, make(weights), name="m", card="# Model card\n", facts={"rows": 7})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path)


def reseal(folder: Path, name: str, content: bytes) -> None:
    """Replaces a file together with its digest, as someone who knows the format would."""
    (folder / name).write_bytes(content)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["digests"][name] = hashlib.sha256(content).hexdigest()
    path.write_text(json.dumps(manifest), encoding="utf-8")


def pack(**arrays: npt.NDArray[np.generic]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, **arrays)
    return buffer.getvalue()


def test_what_is_saved_is_loaded(folder: Path) -> None:
    found = load(folder)
    assert (found.version, found.labels) == (folder.name, LABELS)
    assert (found.weighing, found.cautions) == (WEIGHING, CAUTIONS)
    model, saved = found.linear, make().linear
    for name in ("keys", "rows", "scales", "intercepts"):
        np.testing.assert_array_equal(getattr(model, name), getattr(saved, name))
        assert getattr(model, name).dtype == getattr(saved, name).dtype


def test_equal_parts_have_an_equal_name_and_other_parts_another(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    assert first.name == second.name
    assert write(tmp_path, {**WEIGHTS, "博": [1.0, 1.0]}).name != first.name


@pytest.mark.parametrize("name", ["weights.npz", "card.md", "manifest.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ArtefactError, match="cannot be read") as refused:
        load(folder)
    assert str(folder / name) in str(refused.value)
    assert refused.value.code == "model_unusable"


@pytest.mark.parametrize("name", ["weights.npz", "card.md"])
def test_a_changed_file_is_refused_by_its_digest(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ArtefactError, match="restore the file or train again") as refused:
        load(folder)
    assert str(folder / name) in str(refused.value)


def change(key: str, value: object) -> Callable[[dict[str, object]], object]:
    def apply(manifest: dict[str, object]) -> object:
        return {**manifest, key: value}

    return apply


@pytest.mark.parametrize(
    ("edit", "advice"),
    [
        (change("format", FORMAT + 1), "train it again"),
        (change("format", None), "train it again"),
        (change("digests", []), "train it again"),
        (change("digests", {}), "restore the file or train again"),
        (change("heads", "3.4.1.7/fraud"), "train it again"),
        (change("heads", ["3.4.1.7/fraud"]), "train it again"),
        (change("heads", [*LABELS, "3.4.1.8/insult"]), "train it again"),
        (change("weighing", None), "train it again"),
        (change("weighing", {"model": 0.0}), "train it again"),
        (change("weighing", {"model": "much"}), "train it again"),
        (change("weighing", {"model": float("nan")}), "train it again"),
        (change("weighing", {"trust": 1.0}), "train it again"),
        (change("cautions", {LABELS[0]: {}}), "train it again"),
        (change("cautions", {LABELS[0]: {"review": None, "block": None}}), "train it again"),
        (lambda manifest: {"format": FORMAT}, "no manifest"),
        (lambda manifest: [manifest], "no manifest"),
        (lambda manifest: None, "no manifest"),
    ],
)
def test_a_manifest_of_another_form_is_refused(
    folder: Path, edit: Callable[[dict[str, object]], object], advice: str
) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(edit(json.loads(path.read_bytes()))), encoding="utf-8")
    with pytest.raises(ArtefactError, match=advice):
        load(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b'{"format": 1} x', b"[" * 9_999])
def test_a_manifest_that_is_no_json_is_refused(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(ArtefactError, match="no manifest"):
        load(folder)


def bare_array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


KEYS = np.arange(4, dtype=np.uint64)
ROWS = np.zeros((4, 3), dtype=np.int8)
LOW = np.ones((4, 3), dtype=np.uint8)
ONES = np.ones(3)
PARTS = {"keys": KEYS, "rows_high": ROWS, "rows_low": LOW, "scales": ONES, "intercepts": ONES[:2]}


def changed(**arrays: npt.NDArray[np.generic]) -> bytes:
    return pack(**{**PARTS, **arrays})


def test_the_weights_that_are_then_spoilt_are_sound(folder: Path) -> None:
    reseal(folder, "weights.npz", changed())
    assert len(load(folder).linear.keys) == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no zip",
        b"nothing at all",
        bare_array(),
        pack(keys=KEYS, scales=ONES),
        changed(rows_high=ROWS.T, rows_low=LOW.T),
        changed(rows_high=ROWS[:1]),
        changed(keys=KEYS[:3]),
        changed(keys=np.zeros(4, dtype=np.uint64)),
        changed(keys=KEYS.astype(np.float64)),
        changed(rows_low=LOW * 0),
        changed(scales=ONES[0]),
        changed(scales=-ONES),
        changed(scales=ONES * np.nan),
        changed(intercepts=ONES),
        changed(intercepts=np.array(["x", "y"])),
    ],
)
def test_weights_of_another_form_are_refused_whatever_the_digest_says(
    folder: Path, content: bytes
) -> None:
    reseal(folder, "weights.npz", content)
    with pytest.raises(ArtefactError, match="train it again"):
        load(folder)


class Bomb:
    """Says so when something unpickles it."""

    went_off = False

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return setattr, (Bomb, "went_off", True)


def test_a_pickle_among_the_weights_is_refused_and_never_run(folder: Path) -> None:
    reseal(folder, "weights.npz", changed(keys=np.array([Bomb()] * 4, dtype=object)))
    with pytest.raises(ArtefactError):
        load(folder)
    assert not Bomb.went_off


def test_one_version_is_expected_to_be_live(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"found none.*MODERATION_MODEL_DIR"):
        shipped_folder(tmp_path)
    (tmp_path / ".keep").write_text("")
    only = write(tmp_path)
    assert shipped_folder(tmp_path) == only
    only.rename(tmp_path / "old")
    write(tmp_path)
    with pytest.raises(ArtefactError, match="old"):
        shipped_folder(tmp_path)
