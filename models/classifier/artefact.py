"""Reads and writes a model version: plain arrays, a list of features, a card. Never pickle.

A version is a folder `<version>/` with `weights.npz` (float16 arrays), `features.txt` (one
feature a line, in the order of the rows), `card.md`, and `manifest.json`, which names the labels
and the SHA-256 digest of every other file. Loading checks the digests first.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.classifier.linear import Array, LinearModel

FORMAT = 1
"""Counts the incompatible changes of the layout of a version's folder."""

SHIPPED = Path(__file__).resolve().parent.parent / "artefacts"
"""Where the one version that is shipped live stands."""

_FILES = ("weights.npz", "features.txt", "card.md")

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


def load(folder: Path) -> LinearModel:
    """The model of a version's folder; raises ArtefactError when anything about it is wrong."""
    manifest = _read_manifest(folder)
    files = {name: _read_checked(folder / name, manifest.digests) for name in _FILES}
    try:
        arrays = np.load(io.BytesIO(files["weights.npz"]), allow_pickle=False)
        coefficients = arrays["coefficients"].astype(np.float32)
        idf = arrays["idf"].astype(np.float32)
        intercepts = arrays["intercepts"].astype(np.float32)
        features = files["features.txt"].decode().split("\n")
        return unroll(
            version=folder.name,
            labels=manifest.labels,
            features=features,
            coefficients=coefficients,
            idf=idf,
            intercepts=intercepts,
        )
    except _UNSOUND as error:
        raise ArtefactError(f"{folder}: the files do not fit together; train it again") from error


def unroll(
    *,
    version: str,
    labels: Sequence[str],
    features: Sequence[str],
    coefficients: Array,
    idf: Array,
    intercepts: Array,
) -> LinearModel:
    """The model as rows, from scikit-learn's parts.

    Shapes: `coefficients` (labels, features), `idf` (features,), `intercepts` (labels,). Raises
    ValueError for other shapes, which numpy would stretch in silence, and for numbers that are
    not finite or an idf that is not positive.
    """
    sizes = (coefficients.shape, idf.shape, intercepts.shape)
    needed = ((len(labels), len(features)), (len(features),), (len(labels),))
    if sizes != needed:
        raise ValueError(
            f"model {version}: coefficients, idf and intercepts have the shapes {sizes}, but "
            f"{len(features)} features and {len(labels)} labels need {needed}; train it again"
        )
    if not all(np.isfinite(part).all() for part in (coefficients, idf, intercepts)):
        raise ValueError(f"model {version}: holds numbers that are not finite; train it again")
    if not (idf > 0).all():
        raise ValueError(f"model {version}: holds an idf that is not positive; train it again")
    rows = np.empty((len(features), len(labels) + 1), dtype=np.float32)
    rows[:, :-1] = coefficients.T * idf[:, None]
    rows[:, -1] = idf * idf
    # The commonest features first, strings, numbers and rows alike: then what most messages need
    # lies together in memory and stays in the processor's cache.
    order = np.argsort(idf, kind="stable")
    fresh = "\n".join(features[index] for index in order).split("\n") if features else []
    return LinearModel(
        version=version,
        labels=labels,
        vocabulary={feature: index for index, feature in enumerate(fresh)},
        rows=rows[order],
        intercepts=intercepts,
    )


def save(
    parent: Path,
    *,
    name: str,
    labels: Sequence[str],
    features: Sequence[str],
    coefficients: Array,
    idf: Array,
    intercepts: Array,
    card: str,
    facts: Mapping[str, object],
) -> Path:
    """Writes a version's folder `<name>-<digest>` and returns it.

    The arrays are stored as float16; `facts` (sets, seeds, figures) go into the manifest. Raises
    ArtefactError for a feature with a line break, which would shift all that follow it.
    """
    if broken := [feature for feature in features if "\n" in feature]:
        raise ArtefactError(
            f"{len(broken)} features hold a line break, but features.txt has one a line; "
            "leave them out of the vocabulary"
        )
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        coefficients=coefficients.astype(np.float16),
        idf=idf.astype(np.float16),
        intercepts=intercepts.astype(np.float32),
    )
    files = {
        "weights.npz": buffer.getvalue(),
        "features.txt": "\n".join(features).encode(),
        "card.md": card.encode(),
    }
    digest = hashlib.sha256(files["weights.npz"] + files["features.txt"]).hexdigest()[:8]
    folder = parent / f"{name}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    manifest = {
        "format": FORMAT,
        "labels": list(labels),
        "digests": {file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
        "facts": facts,
    }
    (folder / "manifest.json").write_text(
        json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    return folder


@dataclass(frozen=True, slots=True)
class _Manifest:
    labels: tuple[str, ...]
    digests: Mapping[str, str]


def _read_manifest(folder: Path) -> _Manifest:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_bytes())
        form, digests, labels = manifest["format"], manifest["digests"], manifest["labels"]
    except OSError as error:
        raise ArtefactError(f"{path}: cannot be read; is this a model version?") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtefactError(
            f"{path}: is no manifest of a model version; restore it or train again"
        ) from error
    if form != FORMAT or not isinstance(digests, dict) or not isinstance(labels, list):
        raise ArtefactError(
            f"{path}: has format {form}, this service reads format {FORMAT}; train it again"
        )
    return _Manifest(tuple(map(str, labels)), digests)


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
