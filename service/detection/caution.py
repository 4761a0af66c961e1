"""Makes the policy heed what a version of the model has shown: thresholds only ever rise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from models.classifier.classifier import Caution
from service.policy.catalogue import Catalogue
from service.policy.clause import Clause

NEVER = 1.0
"""As block threshold: no score reaches it, so only entries of mode block still block."""


def heed(catalogue: Catalogue, cautions: Mapping[str, Caution]) -> Catalogue:
    """The catalogue with each label's thresholds at least where the model's version allows."""
    clauses = {
        label: _heed(clause, cautions[label]) if label in cautions else clause
        for label, clause in catalogue.clauses.items()
    }
    return replace(catalogue, clauses=MappingProxyType(clauses))


def _heed(clause: Clause, caution: Caution) -> Clause:
    least = clause.thresholds
    review = max(least.review, caution.review)
    block = NEVER if caution.block is None else max(least.block, caution.block, review)
    thresholds = replace(least, review=review, block=block, alone=max(least.alone, review))
    return replace(clause, thresholds=thresholds)
