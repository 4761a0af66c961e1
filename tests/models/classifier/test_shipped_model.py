"""The model that comes with the product: one, small, whole, with a card that says what it is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.classifier import artefact
from models.training.dataset import read_corpus
from models.training.origins import ORIGINS
from service.policy.catalogue import load as load_catalogue

MOST_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Shipped:
    folder: Path
    manifest: dict[str, Any]
    card: str


@pytest.fixture(scope="module")
def shipped() -> Shipped:
    folder = artefact.shipped_folder()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    return Shipped(folder, manifest, (folder / "card.md").read_text(encoding="utf-8"))


def test_it_is_the_only_one_and_small_enough_to_be_cloned(shipped: Shipped) -> None:
    files = [path for path in artefact.SHIPPED.rglob("*") if path.is_file()]
    assert {path.parent for path in files} == {shipped.folder}
    assert sum(path.stat().st_size for path in files) <= MOST_BYTES


def test_its_digests_are_those_of_its_files_and_its_name_tells_them(shipped: Shipped) -> None:
    folder, digests = shipped.folder, shipped.manifest["digests"]
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in digests}
    assert found == digests
    weights = (folder / "weights.npz").read_bytes()
    assert folder.name.endswith("-" + hashlib.sha256(weights).hexdigest()[:8])


def test_it_knows_every_label_of_the_policy(shipped: Shipped) -> None:
    assert set(artefact.load(shipped.folder).labels) == set(load_catalogue().clauses)


def test_its_card_names_every_set_with_licence_and_digest(shipped: Shipped) -> None:
    sets = shipped.manifest["facts"]["sets"]
    own = {data.name for data in read_corpus()}
    assert own <= set(sets)
    lines = shipped.card.splitlines()
    for name, digest in sets.items():
        line = next((line for line in lines if line.startswith(f"| {name} ")), "")
        assert digest[:16] in line, f"{name} is not in the card with its digest"
        assert name in own or ORIGINS[name] in line
    assert "NUS SMS and People's Daily" in shipped.card


def test_its_card_gives_figures_for_each_label(shipped: Shipped) -> None:
    figures = shipped.manifest["facts"]["average_precision"]
    labels = artefact.load(shipped.folder).labels
    assert [label for label in labels if f"| {label} " not in shipped.card] == []
    assert set(figures) == set(labels)
    assert all(0 <= figure <= 1 for figure in figures.values())
