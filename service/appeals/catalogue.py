"""The outcomes of appeals, collected from their folder."""

from __future__ import annotations

from typing import Final

from service.appeals.model import Outcome
from service.kernel.registry import collect_modules

OUTCOMES: Final = collect_modules(
    "service.appeals.outcomes", attribute="OUTCOME", kind=Outcome, id_of=lambda found: found.id
)
"""Every outcome by its id."""
