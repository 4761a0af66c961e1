"""`python -m bench`: runs the benchmarks, prints a table, and writes the values as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bench import door, enforcing, judging, listing, scanning, streaming
from bench.figures import Figure, Size, as_table
from models.classifier.artefact import ArtefactError
from service.settings import SettingsError

Measure = Callable[[Size], list[Figure]]

BENCHMARKS: dict[str, Measure] = {
    "classify_vs_naive": judging.compare_with_naive,
    "length_growth": judging.compare_lengths,
    "wordlist_growth": judging.compare_list_sizes,
    "http_vs_noop": door.compare_with_noop,
    "http_overhead_us": door.compare_with_noop,
    "durable_vs_allow": enforcing.compare_durable_with_allow,
    "function_check_vs_noop": enforcing.compare_check_with_noop,
    "stream_vs_http": streaming.compare_with_door,
    "appeals_page_ms": listing.time_appeal_pages,
    **dict.fromkeys(scanning.NAMES, scanning.compare_scans_with_reading),
    "pictures_per_second": scanning.time_pictures,
    "scan_memory_mb": scanning.time_pictures,
}
"""Name → what measures it; one that measures two runs once for both."""


def main(words: Sequence[str], size: Size | None = None) -> int:
    """Run what was asked for; 1 when the service cannot be had as it is set up."""
    args = _parse(words)
    size = replace(size or Size(), **({} if args.rounds is None else {"rounds": args.rounds}))
    names = [name for name in BENCHMARKS if not args.only or name in args.only]
    figures: list[Figure] = []
    try:
        for measure in dict.fromkeys(BENCHMARKS[name] for name in names):
            print(f"{measure.__name__} …", file=sys.stderr, flush=True)
            figures += measure(size)
    except (ArtefactError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    figures = [figure for figure in figures if figure.name in names]
    print(as_table(figures))
    if args.json is not None:
        values = {figure.name: round(figure.value, 4) for figure in figures}
        args.json.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    return 0


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench", description="the benchmarks as a table")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the values there as JSON")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=list(BENCHMARKS), default=[])
    parser.add_argument("--rounds", type=_read_rounds, metavar="N", help="default 5")
    return parser.parse_args(words)


def _read_rounds(word: str) -> int:
    if not (word.isdigit() and 1 <= int(word) <= 1_000):
        raise argparse.ArgumentTypeError("a whole number from 1 to 1000")
    return int(word)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
