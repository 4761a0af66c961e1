"""`upheld`: the decision was right; its measures go on, and a person stands behind them now."""

from __future__ import annotations

from service.appeals.model import Measures, Outcome
from service.review.model import RulingOutcome

OUTCOME = Outcome(
    "upheld",
    finds=RulingOutcome.VIOLATION,
    measures=Measures.STAY,
    zh_cn="申诉经人工复核，维持原决定。",
    en="A person has looked at the appeal; the decision is upheld.",
)
