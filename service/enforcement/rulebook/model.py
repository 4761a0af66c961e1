"""A version of a rule: its source, where it stands, and who wrote it and put it in force."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from service.kernel.machine import Machine


class RuleState(StrEnum):
    """Where a version stands; of a rule one version at most is live."""

    DRAFT = "draft"
    LIVE = "live"
    RETIRED = "retired"


class RuleEvent(StrEnum):
    """What happens to a version; one that was retired comes back as a new one."""

    PUBLISH = "publish"
    RETIRE = "retire"


VERSIONS: Final[Machine[RuleState, RuleEvent]] = Machine(
    "rule version",
    {
        (RuleState.DRAFT, RuleEvent.PUBLISH): RuleState.LIVE,
        (RuleState.LIVE, RuleEvent.RETIRE): RuleState.RETIRED,
    },
    final=frozenset({RuleState.RETIRED}),
)

LONGEST_SOURCE: Final = 16_384
"""Longest source of a rule in code points."""

MOST_RULES: Final = 50
"""Rules of a tenant's own that may be live: each event asks all that name its type."""


class RuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a tenant's rule; `number` counts them from 1.

    `source` is the TOML that was checked when it was saved.
    """

    tenant_id: str
    rule_id: str
    number: int
    state: RuleState
    source: str
    author_id: str
    created_at: datetime
    publisher_id: str | None = None
    published_at: datetime | None = None
    retired_at: datetime | None = None


class RuleError(Exception):
    """What the rulebook refuses; the message says what to do."""

    code = "forbidden"


class NoRule(RuleError):
    """There is no rule of that name in this tenant, no version of that number, or none is live."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("rule: there is no such version for this tenant")


class OwnDraft(RuleError):
    """Whoever wrote a version cannot put it in force, too."""


class RuleChanged(RuleError):
    """Somebody else changed the rule meanwhile."""

    code = "version_conflict"


class TooManyRules(RuleError):
    """More rules of a tenant's own than may be live."""

    code = "invalid_request"


class WrongRule(RuleError):
    """A source that is no rule; `problems` says each thing that is wrong, and what to do."""

    code = "invalid_request"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
