"""A model version's files: what is saved is loaded, what is unsound is refused with advice."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from models.classifier.artefact import FORMAT, ArtefactError, load, save, shipped_folder

LABELS = ("3.4.1.7/fraud", "3.4.1.7/gambling")
FEATURES = ("赌博", "彩金", " a", "好")


def write(parent: Path) -> Path:
    generator = np.random.default_rng(1)
    return save(
        parent,
        name="m",
        labels=LABELS,
        features=FEATURES,
        coefficients=generator.normal(size=(2, 4)).astype(np.float32),
        idf=np.array([1.0, 2.0, 3.5, 4.0], dtype=np.float32),
        intercepts=np.array([-3.0, -4.125], dtype=np.float32),
        card="# Model card\n",
        facts={"rows": 7},
    )


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
    model = load(folder)
    assert model.version == folder.name
    assert model.labels == LABELS
    assert tuple(model.vocabulary) == FEATURES
    assert model.intercepts.tolist() == [-3.0, -4.125]
    generator = np.random.default_rng(1)
    expected = generator.normal(size=(2, 4)).astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(model.rows[:, :2], expected.T * [[1], [2], [3.5], [4]])
    np.testing.assert_array_equal(model.rows[:, 2], [1, 4, 12.25, 16])


def test_equal_parts_have_an_equal_name_and_other_parts_another(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    assert first.name == second.name
    other = save(
        tmp_path,
        name="m",
        labels=LABELS,
        features=("赌", *FEATURES[1:]),
        coefficients=np.zeros((2, 4), dtype=np.float32),
        idf=np.ones(4, dtype=np.float32),
        intercepts=np.zeros(2, dtype=np.float32),
        card="",
        facts={},
    )
    assert other.name != first.name


@pytest.mark.parametrize("name", ["weights.npz", "features.txt", "card.md", "manifest.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ArtefactError, match="cannot be read") as refused:
        load(folder)
    assert str(folder / name) in str(refused.value)
    assert refused.value.code == "model_unusable"


@pytest.mark.parametrize("name", ["weights.npz", "features.txt", "card.md"])
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
        (change("labels", "3.4.1.7/fraud"), "train it again"),
        (change("labels", ["3.4.1.7/fraud"]), "train it again"),
        (change("labels", [*LABELS, "3.4.1.8/insult"]), "train it again"),
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


TABLE = np.zeros((2, 4), dtype=np.float16)
ROW = np.ones(4, dtype=np.float16)
PAIR = np.zeros(2, dtype=np.float32)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no zip",
        b"nothing at all",
        bare_array(),
        pack(coefficients=TABLE, idf=ROW),
        pack(coefficients=TABLE.T, idf=ROW, intercepts=PAIR),
        pack(coefficients=TABLE[:1], idf=ROW, intercepts=PAIR),
        pack(coefficients=TABLE, idf=ROW[:3], intercepts=PAIR),
        pack(coefficients=TABLE, idf=ROW[0], intercepts=PAIR),
        pack(coefficients=TABLE, idf=ROW, intercepts=PAIR[:1]),
        pack(coefficients=np.full((2, 4), "x"), idf=ROW, intercepts=PAIR),
        pack(coefficients=TABLE * np.float16(np.nan), idf=ROW, intercepts=PAIR),
        pack(coefficients=TABLE[:, :3], idf=ROW[:3], intercepts=PAIR),
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
    content = pack(
        coefficients=np.array([[Bomb()] * 4] * 2, dtype=object), idf=ROW, intercepts=PAIR
    )
    reseal(folder, "weights.npz", content)
    with pytest.raises(ArtefactError):
        load(folder)
    assert not Bomb.went_off


@pytest.mark.parametrize("content", [b"\xff\xff", b"a\nb\nc", b"a\nb\nc\nd\n", b"a\na\nb\nc"])
def test_features_that_are_not_four_different_lines_are_refused(
    folder: Path, content: bytes
) -> None:
    reseal(folder, "features.txt", content)
    with pytest.raises(ArtefactError, match="train it again"):
        load(folder)


def test_a_feature_that_would_break_its_line_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="line"):
        save(
            tmp_path,
            name="m",
            labels=LABELS,
            features=("赌\n", *FEATURES[1:]),
            coefficients=np.zeros((2, 4), dtype=np.float32),
            idf=np.ones(4, dtype=np.float32),
            intercepts=np.zeros(2, dtype=np.float32),
            card="",
            facts={},
        )


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
