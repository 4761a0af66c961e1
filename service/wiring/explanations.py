"""What takes answers to requests for explanations, and assesses them."""

from __future__ import annotations

from service.explanations.desk import Explanations
from service.review.reopening import reopen, settle
from service.wiring.api import Services
from service.wiring.attachments import build_attachments


def build_explanations(services: Services) -> Explanations:
    """What routes and pages ask of explanations."""
    return Explanations(
        readers=services.readers,
        commit=services.commit,
        clock=services.clock,
        calendar=services.calendar,
        attachments=build_attachments(services),
        reopen=reopen,
        settle=settle,
    )
