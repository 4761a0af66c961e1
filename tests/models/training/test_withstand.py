"""Measuring under attack: who is attacked where, what counts, and what counter-measures cost."""

from __future__ import annotations

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import each_place, throughout
from models.training.dataset import Row
from models.training.metrics import Rate
from models.training.withstand import Look, Measured, withstand

GAMBLING = "3.4.1.7/gambling"
ROWS = (
    Row("come and bet", (GAMBLING,), "one", "own"),
    Row("bet with us", (GAMBLING,), "two", "own"),
    Row("we never told you", (GAMBLING,), "three", "own"),
    Row("bet notice", (), "four", "own"),
    Row("lunch at noon", (), "five", "own"),
    Row("b.e.t rules", (), "six", "own"),
)


def look(text: str, _: str) -> Look:
    """Flags `bet`, also with dots between its letters."""
    for form, worn in (("bet", ()), ("b.e.t", ("symbols",))):
        place = text.find(form)
        if place >= 0:
            span = (place, place + len(form))
            return Look("review", GAMBLING, (span,), frozenset(worn), frozenset(worn))
    return Look("allow", None, worn=frozenset({"spacing"} if "b e t" in text else ()))


def dotted(stretch: str, _: object) -> str:
    return ".".join(stretch)


DOTS = AimedAttack("dots", "A", each_place(dotted))
GAPS = AimedAttack("gaps", "B", each_place(lambda stretch, _: " ".join(stretch)))
CASE = AimedAttack("case", "B", throughout(lambda text, _: text.replace("m", "M")))


def measured(*attacks: AimedAttack) -> Measured:
    return withstand(look, ROWS, attacks)


def test_attacks_aim_at_the_hits_of_breaches_that_are_found_plain() -> None:
    found = measured(DOTS, GAPS, CASE)
    assert (found.breaches, found.benign) == (2, 3)
    still = {(one.tier, one.name): one.still_found for one in found.resistances}
    assert still == {
        ("A", "all"): Rate(2, 2),
        ("A", "dots"): Rate(2, 2),
        ("B", "all"): Rate(1, 3),
        ("B", "gaps"): Rate(0, 2),
        ("B", "case"): Rate(1, 1),
    }


def test_benign_rows_are_attacked_by_tier_a_at_their_longest_words() -> None:
    unchanged = {one.name: one.unchanged for one in measured(DOTS, GAPS).resistances}
    assert unchanged["dots"] == Rate(3, 3)
    assert unchanged["gaps"] is None


def test_counter_measures_are_counted_on_attacked_breaches_and_plain_benign_rows() -> None:
    found = {one.disguise: one for one in measured(DOTS, GAPS).counter_measures}
    assert found["symbols"].seen == 2
    assert (found["symbols"].benign, found["symbols"].alarms) == (Rate(1, 3), Rate(1, 3))
    assert found["spacing"].seen == 2
    assert (found["spacing"].benign, found["spacing"].alarms) == (Rate(0, 3), Rate(0, 3))


def test_one_row_of_a_family_is_attacked() -> None:
    rows = [Row(f"bet {number}", (GAMBLING,), "one idea", "own") for number in range(9)]
    assert withstand(look, rows, (DOTS,)).breaches == 1


def test_a_seed_fixes_which_rows_are_attacked() -> None:
    rows = [Row(f"bet {'m' * n}", (GAMBLING,), str(n // 3), "own") for n in range(9)]
    once, again, other = (
        withstand(look, rows, (CASE,), seed=seed).resistances for seed in (1, 1, 2)
    )
    assert once == again
    assert once[0].still_found.of <= 3
    assert other[0].still_found.of <= 3
