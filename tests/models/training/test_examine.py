"""Examining a judge: what counts as found, as a false alarm, as seen through."""

from __future__ import annotations

import random

from models.training.attacks.model import Attack
from models.training.dataset import Row
from models.training.examine import Answer, Report, disguise, examine
from models.training.metrics import Rate

GAMBLING, FRAUD = "3.4.1.7/gambling", "3.4.1.7/fraud"

ROWS = (
    Row("bet here", (GAMBLING,), "breach:1", "own"),
    Row("bet or pay", (FRAUD,), "breach:2", "own"),
    Row("quiet", (FRAUD, GAMBLING), "breach:3", "own", "title"),
    Row("bet news", (), "hard:1", "own"),
    Row("stop bet", (), "hard:2", "own"),
    Row("lunch", (), "ordinary:1", "own", "profile"),
)


def ask(text: str, surface: str) -> Answer:
    """Holds every `bet` for gambling, blocks it with `stop`; knows nothing else."""
    if "bet" not in text:
        return Answer("allow", FRAUD if surface == "drive.share_title" else None)
    return Answer("block" if "stop" in text else "review", GAMBLING)


def capitals(text: str, _: random.Random) -> str:
    return text.replace("bet", "BET")


def dashes(text: str, chance: random.Random) -> str:
    return text.replace(" ", chance.choice("-_"))


def report(*attacks: Attack) -> Report:
    return examine(ask, ROWS, attacks)


def test_a_breach_is_found_when_flagged_and_right_when_a_true_label_comes_first() -> None:
    counted = {one.label: (one.found, one.right_first) for one in report().findings}
    assert counted == {
        "all": (Rate(2, 3), Rate(1, 2)),
        GAMBLING: (Rate(1, 2), Rate(1, 1)),
        FRAUD: (Rate(1, 2), Rate(0, 1)),
    }
    assert report().findings[0].label == "all"


def test_false_alarms_count_hard_and_ordinary_negatives_apart() -> None:
    hard, ordinary = report().false_alarms
    assert (hard.kind, hard.flagged, hard.blocked) == ("hard", Rate(2, 2), Rate(1, 2))
    assert (ordinary.kind, ordinary.flagged, ordinary.blocked) == (
        "ordinary",
        Rate(0, 1),
        Rate(0, 1),
    )


def test_an_attack_counts_only_where_it_changes_a_text_that_was_found() -> None:
    found = report(Attack("capitals", "B", capitals), Attack("dashes", "B", dashes)).resistances
    assert [(one.name, one.still_found, one.unchanged) for one in found] == [
        ("all", Rate(2, 4), None),
        ("capitals", Rate(0, 2), None),
        ("dashes", Rate(2, 2), None),
    ]


def test_tier_a_also_counts_negatives_whose_verdict_stays() -> None:
    found = report(Attack("capitals", "A", capitals), Attack("dashes", "B", dashes)).resistances
    assert [(one.tier, one.name, one.unchanged) for one in found] == [
        ("A", "all", Rate(0, 2)),
        ("A", "capitals", Rate(0, 2)),
        ("B", "all", None),
        ("B", "dashes", None),
    ]


def test_a_register_decides_on_which_surface_a_sentence_is_judged() -> None:
    seen = []

    def note(text: str, surface: str) -> Answer:
        seen.append(surface)
        return Answer("allow", None)

    examine(note, ROWS, ())
    assert seen == [*["im.message"] * 2, "drive.share_title", *["im.message"] * 2, "profile.name"]


def test_the_same_text_is_always_disguised_in_the_same_way() -> None:
    attack = Attack("dashes", "A", dashes)
    texts = [f"a {number}" for number in range(20)]
    assert [disguise(attack, text) for text in texts] == [disguise(attack, t) for t in texts]
    assert len({disguise(attack, text)[1] for text in texts}) == 2
