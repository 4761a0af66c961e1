"""`evaluate --sealed`: counts on the sealed sentences and attacks, and shows no text."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.training.examine import Answer, Report
    from service.detection.judge import Judge


def run(args: argparse.Namespace, folder: Path | None = None) -> int:
    """Counts on the sealed files of `folder`, the shipped ones by default.

    0 when done, 2 when they are absent or changed, or no judge loads.
    """
    from models.classifier.artefact import ArtefactError
    from models.training import seal
    from models.training.dataset import read
    from models.training.examine import examine
    from service.wiring.judge import load_judge

    folder = folder or seal.SEALED
    if args.halves:
        return _refuse("--halves divides files of --data; the sealed sentences are never read")
    if not seal.is_present(folder):
        return _refuse("this installation comes without models/sealed; use a checkout's ./run")
    if changed := seal.broken(folder):
        return _refuse(
            f"the seal is broken, so that counts would mean nothing: {', '.join(changed)}; restore "
            "the files of models/sealed"
        )
    # Only here, after the seal held: these are sealed files too.
    from models.sealed.attacks import ATTACKS

    try:
        judge = load_judge(model_dir=args.model, wordlists_dir=args.wordlists)
    except ArtefactError as error:
        return _refuse(str(error))
    print(f"model {judge.versions.model}, lists {judge.versions.wordlists}\n")

    def ask(text: str, surface: str) -> Answer:
        return _answer(judge, text, surface)

    print(_format(examine(ask, read(folder / seal.SENTENCES).rows, ATTACKS)))
    return 0


def _refuse(why: str) -> int:
    print(f"evaluate: {why}", file=sys.stderr)
    return 2


def _answer(judge: Judge, text: str, surface: str) -> Answer:
    from models.training.examine import Answer

    judgement = judge.judge(text, surface)
    first = max(judgement.categories, key=lambda category: category.score, default=None)
    return Answer(
        verdict=judgement.verdict.value,
        label=f"{first.clause}/{first.label}" if first else None,
    )


def _format(report: Report) -> str:
    """Tables of counts with Wilson's intervals."""
    from models.training.metrics import format_table

    return "\n\n".join(
        (
            format_table(
                ["breaches", "found", "right label first, of found"],
                [[one.label, str(one.found), str(one.right_first)] for one in report.findings],
            ),
            format_table(
                ["negatives", "flagged", "blocked"],
                [[one.kind, str(one.flagged), str(one.blocked)] for one in report.false_alarms],
            ),
            format_table(
                ["tier", "attack", "still found, of found plain", "negatives: same verdict"],
                [
                    [
                        one.tier,
                        one.name,
                        str(one.still_found),
                        "" if one.unchanged is None else str(one.unchanged),
                    ]
                    for one in report.resistances
                ],
            ),
            "An attack counts where it changes the text. A tier's `all` counts a sentence once for "
            "each attack:\nits interval is narrower than the number of sentences allows.",
        )
    )
