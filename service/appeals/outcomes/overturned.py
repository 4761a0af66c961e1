"""`overturned`: there was no breach; account, content and credit are as if nobody had said so."""

from __future__ import annotations

from service.appeals.model import Measures, Outcome
from service.review.model import RulingOutcome

OUTCOME = Outcome(
    "overturned",
    finds=RulingOutcome.NO_VIOLATION,
    measures=Measures.LIFTED,
    zh_cn="申诉成立，撤销原决定，恢复原状。",
    en="The appeal succeeds; the decision is overturned and everything is restored.",
)
