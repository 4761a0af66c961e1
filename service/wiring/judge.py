"""What judges a text: model, lists and policy, read from disk."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from models.classifier import artefact
from models.match.matcher import Matcher
from service.detection.judge import Judge
from service.policy import catalogue
from service.settings import Settings
from service.uploads.judging.file import ASSENT, FileJudge
from service.uploads.judging.misread import Misread
from service.version import VERSION
from wordlists import load as wordlists

NO_MODEL_DIR: Final = Path("none")
"""As model folder: judge by lists alone, and say so in every decision."""


def load_file_judge(settings: Settings) -> FileJudge:
    """What judges files, by the same model, lists and policy as messages.

    Raises as `load_judge`.
    """
    judge = load_judge(model_dir=settings.model_dir, wordlists_dir=settings.wordlists_dir)
    return make_file_judge(judge, settings)


def make_file_judge(judge: Judge, settings: Settings) -> FileJudge:
    """What judges files by a judge that is there. Raises `WordListError`."""
    entries = wordlists.load(settings.wordlists_dir).entries
    return FileJudge(
        judge.demanding(ASSENT),
        catalogue.load(),
        by_lists=judge.without_model(),
        misread=Misread(entry.text for entry in entries),
    )


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
