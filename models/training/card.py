"""Writes a model version's card: what it was trained on, how well it does, what it is not for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.training.dataset import Dataset
from models.training.metrics import Quality, format_table
from models.training.origins import origin_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """One set's figures under the new version and the old one, where there is an old one.

    Of each version: the share of breaches flagged and of benign rows flagged, from 0 to 1, NaN
    where the set has no such rows.
    """

    name: str
    rows: int
    found: tuple[float, float | None]
    false: tuple[float, float | None]


def write_card(
    *,
    own: Sequence[Dataset],
    public: Sequence[Dataset],
    qualities: Sequence[Quality],
    comparisons: Sequence[Comparison],
    old_version: str | None,
    threshold: float,
    base: str | None,
) -> str:
    """The card in Markdown."""
    sets = [
        [data.name, str(len(data.rows)), origin_of(data.name, own=data in own), data.digest[:16]]
        for data in (*own, *public)
    ]
    labels = [
        [
            quality.label,
            str(quality.recall.of),
            str(quality.precision),
            str(quality.recall),
            f"{quality.f1:.3f}",
            f"{quality.ap:.3f} [{quality.ap_interval[0]:.3f}–{quality.ap_interval[1]:.3f}]",
        ]
        for quality in qualities
    ]
    against = [
        [
            item.name,
            str(item.rows),
            _share(item.found[0]),
            _share(item.found[1]),
            _share(item.false[0]),
            _share(item.false[1]),
        ]
        for item in comparisons
    ]
    begins = (
        f"It starts from the version `{base}`, whose log-odds entered the fit.\n" if base else ""
    )
    return f"""# Model card

One logistic regression for each label over words and pairs of characters (TF-IDF, binary counts,
L2 norm), calibrated by Platt's scaling on families held out. Coefficients are stored as float16.
{begins}
**For**: finding breaches of Article 3.4 in messages, notes, titles and profiles, beside word
lists and under a policy that says how far a machine may go. **Not for**: judging opinion, the
truth of news, or people; verdicts without lists, policy and a way to appeal.

## Trained on

{format_table(["set", "rows", "origin and licence", "SHA-256 begins"], sets)}

The owners of the texts of NUS SMS and People's Daily are not the authors of the licence; leave a
set out by not naming its file when training.

## On families held out

At a probability of {threshold}, the model alone; rows of our own corpus and of the public sets
together. Intervals are 95 %.

{format_table(["label", "rows", "precision", "recall", "F1", "average precision"], labels)}

## Against {f"the version `{old_version}`" if old_version else "an older version"}

Breaches found and benign rows flagged at {threshold} by the model alone. The new version is
measured on families held out; the old one may have been trained on these rows, which flatters it.

{format_table(["set", "rows", "found", "found, old", "false", "false, old"], against)}
"""


def _share(value: float | None) -> str:
    if value is None or value != value:
        return "-"
    return f"{value:.4f}"
