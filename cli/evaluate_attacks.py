"""`evaluate --attacks`: what is still found under attack, and what counter-measures cost."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from models.training.withstand import Look, Measured
    from service.detection.judge import Judge

TARGET: Final = Path(__file__).resolve().parents[1] / "docs" / "detection.md"

BEGIN: Final = "<!-- written by ./run evaluate --attacks --write -->"
END: Final = "<!-- end of what is written -->"


def run(args: argparse.Namespace, target: Path = TARGET) -> int:
    """Measures and prints, or writes into `target`; 0 when done, 2 for files unfit to be read."""
    from models.classifier.artefact import ArtefactError
    from models.training.attacks.registry import ATTACKS
    from models.training.dataset import DatasetError, read, read_corpus
    from models.training.withstand import withstand
    from service.wiring.judge import load_judge

    try:
        judge = load_judge(model_dir=args.model, wordlists_dir=args.wordlists)
        sets = [read(path) for path in args.data] if args.data else read_corpus()
    except (DatasetError, ArtefactError) as error:
        return _refuse(str(error))
    if not sets:
        return _refuse("this installation comes without models/corpus; name files with --data")

    def look(text: str, surface: str) -> Look:
        return _look(judge, text, surface)

    measured = withstand(look, [row for data in sets for row in data.rows], ATTACKS)
    report = (
        f"Model {judge.versions.model}, lists {judge.versions.wordlists}, "
        f"{', '.join(data.name for data in sets) if args.data else 'our corpus'}.\n\n"
        f"{format_measured(measured)}"
    )
    if not args.write:
        print(report)
        return 0
    text = target.read_text(encoding="utf-8") if target.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        return _refuse(f"{target} has no place for the figures: {BEGIN} and {END} mark it")
    target.write_text(f"{before}{begin}\n{report}\n{end}{after}", encoding="utf-8")
    print(f"{target} has the figures")
    return 0


def _refuse(why: str) -> int:
    print(f"evaluate: {why}", file=sys.stderr)
    return 2


def _look(judge: Judge, text: str, surface: str) -> Look:
    from models.training.withstand import Look
    from service.policy.model import Verdict

    judgement = judge.judge(text, surface)
    hits = [(category.verdict, hit) for category in judgement.categories for hit in category.hits]
    flagging = [hit for verdict, hit in hits if verdict is not Verdict.ALLOW]
    first = judgement.categories[0] if judgement.categories else None
    return Look(
        verdict=judgement.verdict.value,
        label=f"{first.clause}/{first.label}" if first else None,
        places=tuple((hit.start, hit.end) for hit in flagging),
        worn=frozenset(name for _, hit in hits for name in hit.disguise),
        alarming=frozenset(name for hit in flagging for name in hit.disguise),
    )


def format_measured(measured: Measured) -> str:
    """Markdown tables, with Wilson's intervals."""
    from models.training.metrics import format_table

    classes = format_table(
        ["tier", "attack", "changed", "still found", "benign: same verdict"],
        [
            [
                one.tier,
                f"**{one.name}**" if one.name == "all" else one.name,
                str(one.still_found.of),
                str(one.still_found),
                "" if one.unchanged is None else str(one.unchanged),
            ]
            for one in measured.resistances
        ],
    )
    costs = format_table(
        [
            "disguise",
            "attacked breaches with a hit",
            "benign rows with one",
            "flagged by it",
        ],
        [
            [one.disguise, str(one.seen), str(one.benign), str(one.alarms)]
            for one in measured.counter_measures
        ],
    )
    return (
        f"{measured.breaches} breaches that are found plain, one of a family; "
        f"{measured.benign} benign rows under tier A.\n\n{classes}\n\n"
        "What each counter-measure brings, and what it costs on all benign rows as they were "
        f"written:\n\n{costs}"
    )
