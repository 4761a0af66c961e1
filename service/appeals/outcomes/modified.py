"""`modified`: there was a breach, but milder measures answer it; those named replace the others."""

from __future__ import annotations

from service.appeals.model import Measures, Outcome
from service.review.model import RulingOutcome

OUTCOME = Outcome(
    "modified",
    finds=RulingOutcome.VIOLATION,
    measures=Measures.REPLACED,
    zh_cn="申诉经人工复核，变更原处置措施。",
    en="A person has looked at the appeal; the measures are changed.",
)
