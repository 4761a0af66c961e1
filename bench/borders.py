"""How well a public set's own question is answered: `python -m bench.borders --data cold_test.jsonl
--learnt cold`.

Breach or none, by the labels that the set names, above the log-odds that were best on the rows of
another set held out when the version was trained (its manifest's `borders`). Prints macro-F1 alone,
for rows whose text's SHA-256 begins with 0-7 (read) and 8-f (sealed).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.classifier import artefact
from models.match.matcher import Matcher
from models.training.dataset import labels_of, read
from models.training.metrics import format_table, macro_f1
from models.training.table import analyse
from wordlists import load as wordlists


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.borders", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the set to count on")
    parser.add_argument("--learnt", required=True, help="the set whose border is taken")
    parser.add_argument("--model", type=Path, help="a version's folder")
    args = parser.parse_args()
    folder = args.model or artefact.shipped_folder()
    classifier, data = artefact.load(folder), read(args.data)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    border, held_out = manifest["facts"]["borders"][args.learnt]
    matcher = Matcher(wordlists.load())
    heads = replace(classifier.heads, breach=None)
    named = [index for index, label in enumerate(heads.labels) if label in labels_of([data])]
    odds = [
        heads.by_label(classifier.linear.log_odds(*analyse(row.text, matcher))) for row in data.rows
    ]
    flagged = np.array([max(one[index] for index in named) > border for one in odds])
    truth = np.array([bool(row.labels) for row in data.rows])
    sealed = np.array([_digest(row.text) in "89abcdef" for row in data.rows])
    lines = [
        [name, str(int(here.sum())), f"{macro_f1(truth[here], flagged[here]):.4f}"]
        for name, here in (("read", ~sealed), ("sealed", sealed))
    ]
    print(f"{args.learnt}, held out, log-odds above {border}: {held_out}\n")
    print(format_table([data.name, "rows", "macro-F1"], lines))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[0]


if __name__ == "__main__":
    main()
