"""The commands `wordlists import` and `wordlists check`: bring plain lists in, look at a folder."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from wordlists.importer import ImportRefused, ImportReport, import_plain
from wordlists.load import SHIPPED, WordListError, load
from wordlists.model import Mode, WordLists

if TYPE_CHECKING:
    from cli.main import Parsers

FOLDER_VARIABLE = "MODERATION_WORDLISTS_DIR"


def add_parser(subparsers: Parsers) -> None:
    """Add `wordlists` with its two actions."""
    parser = subparsers.add_parser("wordlists", help="import and check word lists")
    actions = parser.add_subparsers(dest="action", required=True)
    bring = actions.add_parser(
        "import",
        help="turn a plain list into a list file",
        description="FILE has one word a line, or CSV with the word first; UTF-8 or GB18030.",
    )
    bring.add_argument("file", type=Path, metavar="FILE")
    bring.add_argument("--label", required=True, help="clause and kind, as in 3.4.1.7/gambling")
    bring.add_argument(
        "--mode",
        type=Mode,
        choices=list(Mode),
        default=Mode.WEIGHT,
        help="what an entry may say by itself (default: weight, evidence beside the model's)",
    )
    bring.add_argument("--source", help="where the words are from (default: the file's name)")
    bring.add_argument("--licence", default="not stated", help="under which terms they may be used")
    bring.add_argument("--name", help="the list's name (default: the file's, else the label's)")
    bring.add_argument("--replace", action="store_true", help="overwrite a list of that name")
    check = actions.add_parser("check", help="check the form of all lists in a folder")
    for action in (bring, check):
        action.add_argument(
            "--dir",
            type=Path,
            metavar="FOLDER",
            help=f"the folder of the lists (default: {FOLDER_VARIABLE}, else the lists shipped)",
        )


def run(args: argparse.Namespace) -> int:
    """Do what was asked and say what was done; 1 when something was refused."""
    folder: Path = args.dir or Path(os.environ.get(FOLDER_VARIABLE) or SHIPPED)
    try:
        if args.action == "import":
            source = args.source if args.source is not None else f"imported from {args.file.name}"
            report = import_plain(
                args.file,
                label=args.label,
                mode=args.mode,
                source=source,
                licence=args.licence,
                folder=folder,
                name=args.name,
                replace=args.replace,
            )
            _print_report(report)
        else:
            _print_lists(load(folder))
    except ImportRefused as refusal:
        print(f"Nothing was imported ({refusal.code}): {refusal}.", file=sys.stderr)
        return 1
    except WordListError as error:
        count = len(error.flaws)
        noun = "flaw" if count == 1 else "flaws"
        print(f"The word lists have {count} {noun}:\n{error}", file=sys.stderr)
        return 1
    return 0


def _print_report(report: ImportReport) -> None:
    verb = "Replaced" if report.replaced else "Wrote"
    noun = "entry" if report.written == 1 else "entries"
    written = f"{report.written} {noun} of {report.label}, mode {report.mode}"
    print(f"{verb} {report.path}: {written}.")
    print(f"Read {report.lines} lines as {report.encoding.upper()}.")
    if report.softened:
        print(f"{report.softened} of them are too short to block alone: written as weight.")
    if report.more_columns:
        print(f"{report.more_columns} lines had more columns: only the first was taken.")
    for reason, count in report.skipped:
        print(f"Left out {count}: {reason}.")


def _print_lists(lists: WordLists) -> None:
    counts = Counter((entry.label, entry.mode) for entry in lists.entries)
    labels = sorted({label for label, _ in counts})
    width = max(map(len, labels))
    print(f"{'label':<{width}}" + "".join(f"{mode:>15}" for mode in Mode))
    for label in labels:
        print(f"{label:<{width}}" + "".join(f"{counts[label, mode]:>15}" for mode in Mode))
    total = f"{len(lists.entries)} entries, {len(lists.excuses)} excuses"
    print(f"{total}, version {lists.version}: sound.")
