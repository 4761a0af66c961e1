"""The examples of the page `/try`, read from the data file beside this one."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Example:
    """A message to try; `number` counts from 1, `titles` is by language tag."""

    number: int
    titles: Mapping[str, str]
    text: str


@cache
def load_examples() -> tuple[Example, ...]:
    """All examples in the order of the file."""
    file = importlib.resources.files("service.moderation").joinpath("examples.toml")
    rows = tomllib.loads(file.read_text("utf-8"))["example"]
    return tuple(
        Example(number, dict(row["title"]), row["text"]) for number, row in enumerate(rows, 1)
    )
