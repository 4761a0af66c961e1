"""`evaluate`: measures model, lists and policy together on labelled JSON lines."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.main import Parsers
    from models.training.dataset import Row
    from service.detection.judge import Judge


def add_parser(subparsers: Parsers) -> None:
    """The arguments of `evaluate`."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a model on labelled JSON lines",
        description="Judges every row of the files and counts: breaches found and benign rows "
        "flagged (verdict not allow), and by label precision, recall, F1 and average precision "
        "with 95 %% intervals. --sealed counts on sealed sentences and attacks of our own instead, "
        "--attacks on the corpus, or on --data, under every attack that we know.",
    )
    parser.set_defaults(misused=parser.error)
    parser.add_argument("--data", nargs="+", type=Path, metavar="FILE")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--sealed",
        action="store_true",
        help="count on models/sealed: breaches, hard and ordinary negatives, attacks; shows no "
        "text",
    )
    what.add_argument(
        "--attacks",
        action="store_true",
        help="attack breaches that are found plain and benign rows, of the corpus or of --data: "
        "what is still found by class, and what each counter-measure costs",
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="put the figures of --attacks into docs/detection.md instead of printing them",
    )
    parser.add_argument("--model", type=Path, metavar="DIR", help="a version's folder")
    parser.add_argument("--wordlists", type=Path, metavar="DIR")
    parser.add_argument(
        "--halves",
        action="store_true",
        help="count rows apart whose text's SHA-256 begins with 0-7 (read) and 8-f (sealed), so "
        "that one half can be looked at and the other only counted",
    )


def run(args: argparse.Namespace) -> int:
    """Measures; 0 when every file was counted, 2 when one cannot be read."""
    _check(args)
    from models.classifier.artefact import ArtefactError
    from models.training.dataset import DatasetError, read
    from models.training.metrics import format_table
    from service.wiring.judge import load_judge

    if args.sealed:
        from cli import evaluate_sealed

        return evaluate_sealed.run(args)
    if args.attacks:
        from cli import evaluate_attacks

        return evaluate_attacks.run(args)
    try:
        judge = load_judge(model_dir=args.model, wordlists_dir=args.wordlists)
        sets = [read(path) for path in args.data]
    except (DatasetError, ArtefactError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 2
    print(f"model {judge.versions.model}, lists {judge.versions.wordlists}\n")
    flags: list[list[str]] = []
    labels: list[list[str]] = []
    for data in sets:
        for half, rows in _parts(data.rows, halves=args.halves):
            name = f"{data.name}, {half}" if half else data.name
            flag_row, label_rows = _measure(judge, name, rows)
            flags.append(flag_row)
            labels.extend(label_rows)
    print(format_table(["set", "rows", "breaches found", "benign flagged"], flags))
    if labels:
        header = ["set", "label", "precision", "recall", "F1", "average precision"]
        print("\n" + format_table(header, labels))
    return 0


def _check(args: argparse.Namespace) -> None:
    """Ends with status 2 and the usage where the options do not go together."""
    if args.sealed and args.data:
        args.misused("argument --sealed: not allowed with argument --data")
    if not (args.sealed or args.attacks or args.data):
        args.misused("one of --data, --sealed and --attacks is required")
    if args.attacks and args.halves:
        args.misused("argument --halves: not allowed with argument --attacks")
    if args.write and not args.attacks:
        args.misused("argument --write: only with --attacks")


def _parts(rows: Sequence[Row], *, halves: bool) -> Iterator[tuple[str, list[Row]]]:
    """The rows as a whole, or in the two halves that the digest of their text gives."""
    if not halves:
        yield "", list(rows)
        return
    for half, digits in (("read", "01234567"), ("sealed", "89abcdef")):
        yield (
            half,
            [row for row in rows if hashlib.sha256(row.text.encode()).hexdigest()[0] in digits],
        )


def _measure(judge: Judge, name: str, rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """One line about flags, and one for each label that occurs in the rows."""
    import numpy as np

    from models.training.dataset import is_positive
    from models.training.metrics import Rate, measure
    from service.policy.model import Verdict

    judgements = [judge.judge(row.text) for row in rows]
    flagged = [judgement.verdict is not Verdict.ALLOW for judgement in judgements]
    breach = [bool(row.labels) for row in rows]
    found = Rate(sum(f and b for f, b in zip(flagged, breach, strict=True)), sum(breach))
    false = Rate(
        sum(f and not b for f, b in zip(flagged, breach, strict=True)), len(rows) - sum(breach)
    )
    pairs = list(zip(rows, judgements, strict=True))
    present = sorted({label for row in rows for label in row.labels if "/" in label})
    lines = []
    for label in present:
        known = [pair for pair in pairs if is_positive(pair[0], label) is not None]
        said = [
            {f"{category.clause}/{category.label}": category for category in judgement.categories}
            for _, judgement in known
        ]
        quality = measure(
            label,
            np.array([bool(is_positive(row, label)) for row, _ in known]),
            np.array([label in one and one[label].verdict is not Verdict.ALLOW for one in said]),
            np.array([one[label].score if label in one else 0.0 for one in said]),
        )
        low, high = quality.ap_interval
        lines.append(
            [
                name,
                label,
                str(quality.precision),
                str(quality.recall),
                f"{quality.f1:.3f}",
                f"{quality.ap:.3f} [{low:.3f}–{high:.3f}]",
            ]
        )
    return [name, str(len(rows)), str(found), str(false)], lines
