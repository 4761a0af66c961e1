"""The rules of appeals in the simplest words, to hold the real thing against.

A decision is a set of kinds of measures that stand, a word on the breach, and people who had a part
in it. No store, no versions, no outbox: what is left is what a lawyer would say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LEASE_MINUTES = 30

Result = str
"""`ok`, or the code of the refusal."""


@dataclass
class ModelAppeal:
    state: str = "open"
    holder: str | None = None
    until: int = 0

    def is_held_by(self, who: str, minute: int) -> bool:
        return self.state == "claimed" and self.holder == who and minute < self.until

    @property
    def is_final(self) -> bool:
        return self.state in ("decided", "inadmissible", "withdrawn")


@dataclass
class ModelDecision:
    """`breach` is what counts: a machine's word, a person's, or none any more."""

    standing: set[str]
    ever: bool
    breach: str = "machine"
    reviewed: bool = False
    involved: set[str] = field(default_factory=set)
    appeals: list[ModelAppeal] = field(default_factory=list)


class Rules:
    """One account; `minute` is the time."""

    def __init__(self) -> None:
        self.minute = 0
        self.decisions: list[ModelDecision] = []

    @property
    def confirmed(self) -> int:
        """Breaches that cost credit."""
        return sum(decision.breach == "person" for decision in self.decisions)

    def block(self, kinds: set[str]) -> Result:
        self.decisions.append(ModelDecision(set(kinds), ever=bool(kinds)))
        return "ok"

    def review(self, at: int, who: str, kinds: set[str] | None, *, breach: bool) -> Result:
        """`kinds` None leaves the measures as they are."""
        decision = self.decisions[at]
        if decision.reviewed:
            return "already_final"
        decision.reviewed = True
        decision.involved.add(who)
        if not breach:
            decision.breach, decision.standing = "none", set()
            return "ok"
        decision.breach = "person"
        if kinds is not None:
            decision.standing = set(kinds)
            decision.ever = decision.ever or bool(kinds)
        return "ok"

    def contest(self, at: int) -> Result:
        decision = self.decisions[at]
        if any(appeal.state == "decided" for appeal in decision.appeals):
            return "already_final"
        if any(not appeal.is_final for appeal in decision.appeals):
            return "appeal_open"
        if not decision.ever or decision.breach == "none":
            return "no_measure"
        decision.appeals.append(ModelAppeal())
        return "ok"

    def claim(self, at: int, who: str) -> Result:
        decision, appeal = self._last(at)
        if appeal is None:
            return "not_found"
        if appeal.is_final:
            return "already_final"
        if who in decision.involved:
            return "not_impartial"
        if appeal.state == "claimed" and self.minute < appeal.until:
            return "version_conflict"
        appeal.state, appeal.holder = "claimed", who
        appeal.until = self.minute + LEASE_MINUTES
        return "ok"

    def reject(self, at: int, who: str) -> Result:
        decision, appeal = self._last(at)
        refused = self._refuse(decision, appeal, who)
        if refused or appeal is None:
            return refused
        appeal.state = "inadmissible"
        decision.involved.add(who)
        return "ok"

    def withdraw(self, at: int) -> Result:
        _, appeal = self._last(at)
        if appeal is None:
            return "not_found"
        if appeal.is_final:
            return "already_final"
        appeal.state = "withdrawn"
        return "ok"

    def rule(self, at: int, who: str, outcome: str) -> Result:
        decision, appeal = self._last(at)
        refused = self._refuse(decision, appeal, who)
        if refused or appeal is None:
            return refused
        if outcome == "modified" and decision.breach == "none":
            return "invalid_request"
        appeal.state = "decided"
        if outcome == "overturned":
            decision.breach, decision.standing = "none", set()
        else:
            if decision.breach == "machine":
                decision.breach = "person"
            if outcome == "modified":
                decision.standing = {"warn"}
        if outcome != "upheld" or decision.breach == "person":
            decision.reviewed = True
        return "ok"

    def lift(self, at: int, kind: str, who: str) -> Result:
        decision = self.decisions[at]
        if kind not in decision.standing:
            return "not_found"
        decision.standing.discard(kind)
        decision.involved.add(who)
        return "ok"

    def _last(self, at: int) -> tuple[ModelDecision, ModelAppeal | None]:
        decision = self.decisions[at]
        return decision, decision.appeals[-1] if decision.appeals else None

    def _refuse(self, decision: ModelDecision, appeal: ModelAppeal | None, who: str) -> Result:
        if appeal is None:
            return "not_found"
        if appeal.is_final:
            return "already_final"
        if who in decision.involved:
            return "not_impartial"
        return "" if appeal.is_held_by(who, self.minute) else "lease_lost"
