"""Reads and writes a model version: plain arrays and a card. Never pickle.

A version is a folder `<version>/` with `weights.npz` (the arrays of `LinearModel`), `card.md`, and
`manifest.json`, which names the heads, how they are weighed, how far each label is to be trusted,
and the SHA-256 digest of every other file. Loading checks the digests first.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from models.classifier.classifier import Caution, Classifier
from models.classifier.linear import LinearModel
from models.classifier.weigh import Weighing

FORMAT = 2
"""Counts the incompatible changes of the layout of a version's folder."""

SHIPPED = Path(__file__).resolve().parent.parent / "artefacts"
"""Where the one version that is shipped live stands."""

_FILES = ("weights.npz", "card.md")

_UNSOUND = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What numpy raises for files that are no arrays, or not the arrays asked for."""


class ArtefactError(Exception):
    """A model version that cannot be used; the message says which file and what to do."""

    code = "model_unusable"


def shipped_folder(parent: Path = SHIPPED) -> Path:
    """The folder of the only version in `parent`; raises ArtefactError unless there is one."""
    versions = sorted(path for path in parent.glob("*") if (path / "manifest.json").is_file())
    if len(versions) != 1:
        names = ", ".join(path.name for path in versions) or "none"
        raise ArtefactError(
            f"{parent}: one live model version is expected, found {names}; "
            "keep one, or name a folder with MODERATION_MODEL_DIR"
        )
    return versions[0]


def load(folder: Path) -> Classifier:
    """The classifier of a version's folder; raises ArtefactError for anything that is wrong."""
    manifest = _read_manifest(folder)
    files = {name: _read_checked(folder / name, manifest.digests) for name in _FILES}
    try:
        arrays = np.load(io.BytesIO(files["weights.npz"]), allow_pickle=False)
        high, low = arrays["rows_high"], arrays["rows_low"]
        if high.shape != low.shape:
            raise ValueError("high and low bytes of the rows differ in number")
        linear = LinearModel(
            version=folder.name,
            labels=manifest.heads,
            keys=arrays["keys"].astype(np.uint64, casting="safe"),
            rows=(high.astype(np.int16, casting="safe") << 8)
            | low.astype(np.int16, casting="safe"),
            scales=arrays["scales"].astype(np.float64, casting="safe"),
            intercepts=arrays["intercepts"].astype(np.float64, casting="safe"),
        )
        return Classifier(linear, manifest.weighing, manifest.cautions)
    except _UNSOUND as error:
        raise ArtefactError(f"{folder}: the files do not fit together; train it again") from error


def save(
    parent: Path, classifier: Classifier, *, name: str, card: str, facts: Mapping[str, object]
) -> Path:
    """Writes a version's folder `<name>-<digest>` and returns it.

    `facts` (sets, seeds, figures) go into the manifest. The bytes of the rows are stored apart,
    high ones and low ones, which packs better.
    """
    model = classifier.linear
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        keys=model.keys,
        rows_high=np.asfortranarray(model.rows >> 8).astype(np.int8),
        rows_low=np.asfortranarray(model.rows & 0xFF).astype(np.uint8),
        scales=model.scales,
        intercepts=model.intercepts,
    )
    files = {"weights.npz": buffer.getvalue(), "card.md": card.encode()}
    folder = parent / f"{name}-{hashlib.sha256(files['weights.npz']).hexdigest()[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    manifest = {
        "format": FORMAT,
        "heads": list(model.labels),
        "weighing": asdict(classifier.weighing),
        "cautions": {label: asdict(one) for label, one in classifier.cautions.items()},
        "digests": {file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
        "facts": facts,
    }
    (folder / "manifest.json").write_text(
        json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    return folder


@dataclass(frozen=True, slots=True)
class _Manifest:
    heads: tuple[str, ...]
    digests: Mapping[str, str]
    weighing: Weighing
    cautions: Mapping[str, Caution]


def _read_manifest(folder: Path) -> _Manifest:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_bytes())
        form, digests, heads = manifest["format"], manifest["digests"], manifest["heads"]
    except OSError as error:
        raise ArtefactError(f"{path}: cannot be read; is this a model version?") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtefactError(
            f"{path}: is no manifest of a model version; restore it or train again"
        ) from error
    if form != FORMAT or not isinstance(digests, dict) or not isinstance(heads, list):
        raise ArtefactError(
            f"{path}: has format {form}, this service reads format {FORMAT}; train it again"
        )
    try:
        weighing = Weighing(**{k: _number(v) for k, v in manifest["weighing"].items()})
        cautions = {str(k): _caution(v) for k, v in manifest["cautions"].items()}
        weighing.needed(0.0)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise ArtefactError(
            f"{path}: how the model is weighed or trusted is not said; train it again"
        ) from error
    return _Manifest(tuple(map(str, heads)), digests, weighing, cautions)


def _caution(value: Mapping[str, object]) -> Caution:
    block = value["block"]
    return Caution(review=_number(value["review"]), block=None if block is None else _number(block))


def _number(value: object) -> float:
    if not isinstance(value, int | float) or not isfinite(value):
        raise ValueError("no number")
    return float(value)


def _read_checked(path: Path, digests: Mapping[str, str]) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArtefactError(f"{path}: cannot be read") from error
    if hashlib.sha256(content).hexdigest() != digests.get(path.name):
        raise ArtefactError(
            f"{path}: its digest is not the manifest's; restore the file or train again"
        )
    return content
