"""What judges a text: model, lists and policy, read from disk."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from models.classifier import artefact
from models.classifier.classifier import Classifier
from models.match.matcher import Matcher
from service.detection.judge import Judge
from service.policy import catalogue
from service.settings import Settings
from service.uploads.judging.file import FileJudge
from service.uploads.judging.misread import Misread
from service.version import VERSION
from wordlists import load as wordlists

NO_MODEL_DIR: Final = Path("none")
"""As model folder: judge by lists alone, and say so in every decision."""


def load_file_judge(settings: Settings) -> FileJudge:
    """What judges files, by the same model, lists and policy as messages.

    Raises as `load_judge`.
    """
    model = _load_model(settings.model_dir)
    lists = wordlists.load(settings.wordlists_dir)
    shipped = catalogue.load()
    matcher = Matcher(lists)
    judge, by_lists = (
        Judge(catalogue=shipped, matcher=matcher, model=chosen, service_version=VERSION)
        for chosen in (model, None)
    )
    misread = Misread(entry.text for entry in lists.entries)
    return FileJudge(judge, shipped, by_lists=by_lists, misread=misread)


def load_judge(*, model_dir: Path | None = None, wordlists_dir: Path | None = None) -> Judge:
    """Reads model, lists and policy from disk; without folders, what is shipped.

    `NO_MODEL_DIR` leaves the model out. Raises ArtefactError, WordListError or RegistryError:
    a service that cannot judge as told must not start.
    """
    return Judge(
        catalogue=catalogue.load(),
        matcher=Matcher(wordlists.load(wordlists_dir)),
        model=_load_model(model_dir),
        service_version=VERSION,
    )


def _load_model(model_dir: Path | None) -> Classifier | None:
    if model_dir == NO_MODEL_DIR:
        return None
    return artefact.load(model_dir or artefact.shipped_folder())
