"""Conditions of rules, written in CEL (cel.dev): typed, without loops, and never a program of ours.

A condition is checked when it is read: it must compile over the variables of its rule and give
true or false. The language cannot reach the store, the network or Python; what could still make
it slow, walking through lists, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from cel_expr_python import cel  # type: ignore[import-untyped]

LONGEST: Final = 500
"""Longest condition in characters."""

Facts = Mapping[str, bool | int | str | timedelta]
"""The values of a condition's variables."""

COUNTING: Final[Facts] = {"event": "account.registered", "count": 1, "accounts": 1}
"""Variables of a rule that counts events, with an example of each."""

IDLING: Final[Facts] = {"idle": timedelta(days=1), "logged_in": False}
"""Variables of a rule about accounts that were not seen: how long, and whether they ever were."""

_LOOPS: Final = re.compile(
    r"\.\s*(all|exists|exists_one|existsOne|map|filter|transform\w*|sortBy|cel)\s*\(", re.ASCII
)
_TYPES: Final = {
    bool: cel.Type.BOOL,
    int: cel.Type.INT,
    str: cel.Type.STRING,
    timedelta: cel.Type.DURATION,
}


class WrongCondition(ValueError):
    """A condition that no rule can use; the message says what to do."""

    code = "rule_invalid"


class Condition:
    """A compiled condition over the variables of `example`.

    Raises `WrongCondition` unless it compiles, gives true or false, and does so for the example.
    """

    def __init__(self, source: str, example: Facts) -> None:
        if len(source) > LONGEST:
            raise WrongCondition(f"when: use at most {LONGEST} characters")
        if _LOOPS.search(source):
            raise WrongCondition("when: walks through a list; compare values without macros")
        environment = cel.NewEnv(
            variables={name: _TYPES[type(value)] for name, value in example.items()}
        )
        try:
            self._expression = environment.compile(source)
        except Exception as error:  # the wrapper raises bare RuntimeErrors
            raise WrongCondition(f"when: {_first_line(error)}; correct it") from None
        if self._expression.return_type() != cel.Type.BOOL:
            raise WrongCondition("when: gives no true or false; end in a comparison")
        self.source = source
        if self._ask(example) is None:
            raise WrongCondition("when: cannot be answered for ordinary values; correct it")

    def holds(self, facts: Facts, unanswered: Callable[[], object] = lambda: None) -> bool:
        """Whether it is true; what cannot be answered (a division by zero) is not, and told to
        `unanswered`."""
        answer = self._ask(facts)
        if answer is None:
            unanswered()
        return answer is True

    def _ask(self, facts: Facts) -> bool | None:
        try:
            found: Any = self._expression.eval(data=dict(facts))
        except Exception:
            return None
        return bool(found.value()) if found.type() == cel.Type.BOOL else None


def _first_line(error: Exception) -> str:
    """What the compiler says of its first objection, without its drawing of the place."""
    return str(error).removeprefix("INVALID_ARGUMENT: ERROR: ").partition("\n")[0]
