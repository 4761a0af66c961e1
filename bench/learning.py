"""How much a sample of a customer's own traffic teaches: `python -m bench.learning`.

Draws samples of growing size from one set of labelled rows, adapts the shipped version to each (as
`./run train --base` does), and judges the set's other rows and further sets with it. Breaches found
in a further set stand beside its false alarms where it has any. Prints counts alone.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from models.classifier import artefact
from models.training.dataset import Dataset, Row, read, read_corpus
from models.training.metrics import Rate, format_table
from models.training.train import train
from service.wiring.judge import load_judge
from wordlists import load as wordlists

SEED = 20261128


def main() -> None:
    """Measure and print the curve."""
    parser = argparse.ArgumentParser(prog="python -m bench.learning", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the set to learn from")
    parser.add_argument("--others", nargs="*", type=Path, default=[], help="sets to watch")
    parser.add_argument("--sizes", nargs="+", type=int, default=[0, 150, 300, 600])
    args = parser.parse_args()
    rows = read(args.data).rows
    order = np.random.default_rng(SEED).permutation(len(rows))
    learnt = [rows[index] for index in order if _may_be_read(rows[index])][: max(args.sizes)]
    taken = {row.text for row in learnt}
    kept = [row for row in rows if row.text not in taken]
    others = [read(path) for path in args.others]
    lines = []
    for size in args.sizes:
        began = perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            model = _train(learnt[:size], Path(folder))
            took = perf_counter() - began
            judge = load_judge(model_dir=model).judge
            found, false = _count(kept, judge)
            elsewhere = [_elsewhere(other.rows, judge) for other in others]
        lines.append([str(size), str(found), str(false), *elsewhere, f"{took:.0f} s"])
        print(lines[-1], flush=True)
    head = ["rows learnt", "breaches found", "benign flagged"]
    print(format_table([*head, *(f"{o.name} flagged" for o in others), "training"], lines))


def _may_be_read(row: Row) -> bool:
    """Whether a row is of the half that may be looked at and learnt from (0-7); the other half is
    only counted."""
    return hashlib.sha256(row.text.encode()).hexdigest()[0] in "01234567"


def _train(sample: list[Row], folder: Path) -> Path:
    shipped = artefact.shipped_folder()
    if not sample:
        return shipped
    data = Dataset("sample", tuple(sample), "0" * 64)
    return train(
        read_corpus(),
        [data],
        lists=wordlists.load(),
        out=folder,
        name="sample",
        old=artefact.load(shipped),
        from_base=True,
    )


def _elsewhere(rows: tuple[Row, ...], judge: object) -> str:
    found, false = _count(rows, judge)
    return f"{false}; found {found}" if found.of else str(false)


def _count(rows: list[Row] | tuple[Row, ...], judge: object) -> tuple[Rate, Rate]:
    """Breaches found and benign rows flagged, verdict not allow."""
    assert callable(judge)
    flags = [(bool(row.labels), judge(row.text).verdict.value != "allow") for row in rows]
    found = [flag for breach, flag in flags if breach]
    false = [flag for breach, flag in flags if not breach]
    return Rate(sum(found), len(found)), Rate(sum(false), len(false))


if __name__ == "__main__":
    main()
