"""What judges a text: model, lists and policy, read from disk."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from models.classifier import artefact
from models.match.matcher import Matcher
from service.detection.judge import Judge
from service.policy import catalogue
from service.version import VERSION
from wordlists import load as wordlists

NO_MODEL_DIR: Final = Path("none")
"""As model folder: judge by lists alone, and say so in every decision."""


def load_judge(*, model_dir: Path | None = None, wordlists_dir: Path | None = None) -> Judge:
    """Reads model, lists and policy from disk; without folders, what is shipped.

    `NO_MODEL_DIR` leaves the model out. Raises ArtefactError, WordListError or RegistryError:
    a service that cannot judge as told must not start.
    """
    if model_dir == NO_MODEL_DIR:
        model = None
    else:
        model = artefact.load(model_dir or artefact.shipped_folder())
    return Judge(
        catalogue=catalogue.load(),
        matcher=Matcher(wordlists.load(wordlists_dir)),
        model=model,
        service_version=VERSION,
    )
