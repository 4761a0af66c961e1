"""What takes answers to requests for explanations, and assesses them."""

from __future__ import annotations

from service.explanations.desk import Explanations
from service.explanations.files import LocalFolder
from service.review.reopening import reopen, settle
from service.wiring.api import Services


def build_explanations(services: Services) -> Explanations:
    """What routes and pages ask of explanations."""
    return Explanations(
        readers=services.readers,
        commit=services.commit,
        clock=services.clock,
        calendar=services.calendar,
        files=LocalFolder(services.settings.files_dir),
        reopen=reopen,
        settle=settle,
    )
