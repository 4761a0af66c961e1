"""`train`: fits a model version from labelled JSON lines; writes it with its card, never live."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    """The arguments of `train`."""
    parser = subparsers.add_parser(
        "train",
        help="fit a model version from labelled JSON lines",
        description="Fits a model version on our own corpus and the files given. Each line of a "
        'file is {"text": …, "labels": ["3.4.1.7/gambling"]}; no labels means benign, and a bare '
        "clause stands for any label of it. The version is written beside its card and is not "
        "made live.",
    )
    parser.add_argument("--data", nargs="+", type=Path, default=[], metavar="FILE")
    parser.add_argument(
        "--base", action="store_true", help="start from the shipped model: small files suffice"
    )
    parser.add_argument(
        "--out", type=Path, default=Path(".data/models"), help="folder for it (%(default)s)"
    )
    parser.add_argument("--name", default="model", help="folder's name before the digest")


def run(args: argparse.Namespace) -> int:
    """Trains; 0 when a version was written, 2 when the input cannot be used."""
    from models.classifier import artefact
    from models.training.dataset import DatasetError, read, read_corpus
    from models.training.seal import count_sealed
    from models.training.train import train
    from wordlists import load as wordlists

    try:
        data = [read(path) for path in args.data]
        own = read_corpus()
        old = _shipped()
        if args.base and old is None:
            print("train: --base needs a shipped model, and there is none", file=sys.stderr)
            return 2
    except (DatasetError, artefact.ArtefactError) as error:
        print(f"train: {error}", file=sys.stderr)
        return 2
    sealed = count_sealed((*own, *data))
    if sealed:
        print(
            f"train: {sealed} rows are sealed sentences (models/sealed), which only measure; "
            "leave them out",
            file=sys.stderr,
        )
        return 2
    count = sum(len(part.rows) for part in (*own, *data))
    print(f"Training on {count} rows of {len(own) + len(data)} files …", flush=True)
    folder = train(
        own,
        data,
        lists=wordlists.load(),
        out=args.out,
        name=args.name,
        old=old,
        from_base=args.base,
    )
    print(f"Written: {folder}\nIts card: {folder / 'card.md'}")
    print((folder / "card.md").read_text(encoding="utf-8").rstrip().rpartition("\n")[2])
    print(f"Try it:  ./run classify --model {folder}")
    return 0


def _shipped() -> Classifier | None:
    """The shipped model, or None in a tree that ships none yet."""
    from models.classifier import artefact

    if not any(artefact.SHIPPED.glob("*/manifest.json")):
        return None
    return artefact.load(artefact.shipped_folder())


if TYPE_CHECKING:
    from models.classifier.classifier import Classifier
