"""Writes a model version's card: what it was trained on, how well it does, what it is not for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.classifier.classifier import Caution
from models.classifier.weigh import Weighing
from models.training.dataset import Dataset
from models.training.metrics import Quality, format_table
from models.training.origins import origin_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """One set's figures under the new version and the old one, where there is an old one.

    Of each version: the share of breaches flagged and of benign rows flagged, from 0 to 1, NaN
    where the set has no such rows. By `bearable` the latter may rise.
    """

    name: str
    rows: int
    found: tuple[float, float | None]
    false: tuple[float, float | None]
    bearable: float = 0.0


LESS_FOUND = 0.02
"""By how much the share of breaches found may fall in a set."""


_ASK_FURTHER = (
    "Whether to promote it is for sets to say that neither version was trained on: "
    "`./run evaluate --data FILE… --model DIR`."
)


def advise(comparisons: Sequence[Comparison]) -> str:
    """Whether to promote the new version, and which sets speak against it."""
    worse = []
    gains = False
    for item in comparisons:
        (found, found_old), (false, false_old) = item.found, item.false
        if found_old is not None and found < found_old - LESS_FOUND:
            worse.append(f"{item.name} (fewer breaches found)")
        if false_old is not None and false > false_old + item.bearable:
            worse.append(f"{item.name} (more benign rows flagged)")
        gains = gains or (found_old is not None and found > found_old)
        gains = gains or (false_old is not None and false < false_old)
    if worse:
        return f"Promotion is not advised: worse on {', '.join(worse)}."
    if not gains:
        return "Promotion is not advised: no set gains."
    return "Promotion is advised: no set is worse, and one at least gains."


def write_card(
    *,
    own: Sequence[Dataset],
    public: Sequence[Dataset],
    qualities: Sequence[Quality],
    cautions: Mapping[str, Caution],
    calibration: Mapping[str, float],
    weighing: Weighing,
    comparisons: Sequence[Comparison],
    old_version: str | None,
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
            _share(cautions[quality.label].review)[:5],
            _share(cautions[quality.label].block)[:5],
            str(quality.precision),
            str(quality.recall),
            f"{quality.f1:.3f}",
            _share(calibration[quality.label])[:5],
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
        f"It starts from the version `{base}` and adds what a sample teaches, which\nreaches "
        "only as far as no more benign rows are flagged, on families held out.\n"
        if base
        else ""
    )
    return f"""# Model card

One logistic regression for each label, one for abuse and one for any breach, over words, pairs and
triples of characters, and pairs and triples of sounds (TF-IDF, binary counts, L2 norm), calibrated
by Platt's scaling on families held out. How likely insult and hatred are, abuse says; which of
them, their own heads. The likeliest label is as likely as any breach, where that is more
than its own head says, and so are those whose heads are nearly as high. Weights are stored as whole
numbers of a unit for each head. Model and lists are then weighed against each other:
log-odds {weighing.bias:+.2f} {weighing.model:+.2f} × model {weighing.strict:+.2f} × weight of
entries {weighing.topic:+.2f} × weight of entries that need context.
{begins}
**For**: finding breaches of Article 3.4 in messages, notes, titles and profiles, beside word
lists and under a policy that says how far a machine may go. **Not for**: judging opinion, the
truth of news, or people; verdicts without lists, policy and a way to appeal.

## Trained on

{format_table(["set", "rows", "origin and licence", "SHA-256 begins"], sets)}

The owners of the texts of NUS SMS and People's Daily are not the authors of the licence; leave a
set out by not naming its file when training.

## On families held out

Lists and model together, on predictions for families that the fit had not seen. `review` is the
score from which a label speaks, chosen by what it costs in false alarms; `block` the one from which
its precision is shown to be 0.97 (one-sided 95 % lower bound, 100 flagged and more, our own
sentences), if any. Calibration is the expected calibration error of scores from 0.05 on; the score
of the likeliest label is held against any breach. Intervals are 95 %.

{
        format_table(
            [
                "label",
                "rows",
                "review",
                "block",
                "precision",
                "recall",
                "F1",
                "calibration",
                "average precision",
            ],
            labels,
        )
    }

## Against {f"the version `{old_version}`" if old_version else "an older version"}

Breaches found and benign rows flagged, lists and model together. The new version is measured on
families held out; the old one may have been trained on these rows, which flatters it.

{format_table(["set", "rows", "found", "found, old", "false", "false, old"], against)}

{advise(comparisons) if base else _ASK_FURTHER}
"""


def _share(value: float | None) -> str:
    if value is None or value != value:
        return "-"
    return f"{value:.4f}"
