"""Whether the model's reasons are its reasons: `python -m bench.reasons [--data FILE…]`.

Takes the spans that are given as reasons out of breaches of our own corpus, or of the files, and
prints how far that lowers the log-odds against other spans of the same lengths.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from models.classifier import artefact
from models.training.dataset import read, read_corpus
from models.training.deletion import delete
from models.training.metrics import format_table


def main() -> None:
    """Measure and print both languages."""
    parser = argparse.ArgumentParser(prog="python -m bench.reasons", description=__doc__)
    parser.add_argument("--data", nargs="*", type=Path, default=[], help="instead of our corpus")
    parser.add_argument("--model", type=Path, help="a version's folder")
    args = parser.parse_args()
    classifier = artefact.load(args.model or artefact.shipped_folder())
    sets = [read(path) for path in args.data] or read_corpus()
    texts = [row.text for data in sets for row in data.rows if row.labels]
    lines = []
    for name, is_english in (("zh", False), ("en", True)):
        found = delete(classifier, (text for text in texts if text.isascii() is is_english))
        lines.append([name, f"{found.named:.2f}", f"{found.others:.2f}", str(found.further)])
    head = ["language", "fall without reasons", "without others", "further without reasons"]
    print(f"model {classifier.version}\n\n{format_table(head, lines)}")


if __name__ == "__main__":
    main()
