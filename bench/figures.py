"""What a benchmark gives: a value with both sides' absolute figures, and how it is printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One value under its name.

    `rounds` are the values of the single rounds, whose median `value` is; `sides` say what both
    sides did, `notes` what else a reader needs to judge the value.
    """

    name: str
    value: float
    rounds: tuple[float, ...]
    sides: tuple[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured; the tests shrink it, a figure worth quoting needs the defaults.

    `messages` are drawn from the corpus, of which the naive side judges `naive_messages` a round;
    `long_texts` of `long_length` code points and their halves are judged; `few` and `many` are
    random list entries. A round of HTTP lasts `seconds` for each side after `settling` seconds
    that do not count.
    """

    rounds: int = 5
    messages: int = 2_000
    naive_messages: int = 500
    long_texts: int = 6
    long_length: int = 40_000
    few: int = 1_000
    many: int = 100_000
    seconds: float = 1.0
    settling: float = 0.4
    connections: int = 16


def alternate(
    rounds: int, first: Callable[[], float], second: Callable[[], float]
) -> list[tuple[float, float]]:
    """What both sides give in each round; who begins changes from round to round."""
    results = []
    for number in range(rounds):
        if number % 2 == 0:
            one = first()
            results.append((one, second()))
        else:
            other = second()
            results.append((first(), other))
    return results


def compare(
    name: str,
    pairs: Sequence[tuple[float, float]],
    of: Callable[[float, float], float],
    describe: Callable[[float, float], tuple[str, str]],
    notes: Sequence[str] = (),
) -> Figure:
    """The median of `of(first, second)` over the rounds.

    The two of a round are compared with each other, since a busy machine slows both; `describe`
    puts the medians of both sides into words.
    """
    values = tuple(of(one, other) for one, other in pairs)
    sides = describe(median(one for one, _ in pairs), median(other for _, other in pairs))
    return Figure(name, median(values), values, sides, tuple(notes))


def as_table(figures: Sequence[Figure]) -> str:
    """The figures as lines of text, each with its lowest and highest round, notes at the end."""
    head = ("benchmark", "value", "lowest", "highest", "measured", "against")
    rows = [
        (
            figure.name,
            _short(figure.value),
            _short(min(figure.rounds)),
            _short(max(figure.rounds)),
            *figure.sides,
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in (head, *rows)]
    notes = [f"{figure.name}: {note}" for figure in figures for note in figure.notes]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
