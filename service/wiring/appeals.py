"""What appeals go by, for every role and page that takes part in them."""

from __future__ import annotations

from service.appeals.contested import Rules
from service.enforcement.credit import flow as credit
from service.explanations.store import assessors_of
from service.wiring.api import Services
from service.wiring.notices import build_wording


def build_rules(services: Services) -> Rules:
    """The rules of appeals, with what they ask of other rooms."""
    return Rules(
        wording=build_wording(services.settings),
        calendar=services.calendar,
        credit=credit,
        assessors_of=assessors_of,
    )
