"""The pages that the frame of every page leads to, and what one must be allowed for each."""

from __future__ import annotations

from typing import Final

from service.access.permissions import Permission
from service.web.visitor import Place

PLACES: Final = (
    (Place("/review/appeals", "place.appeals"), Permission.RULE_APPEALS),
    (Place("/review", "place.review"), Permission.READ),
    (Place("/try", "place.try"), Permission.TRY),
    (Place("/deliveries", "place.deliveries"), Permission.READ_DEAD_LETTERS),
    (Place("/review/referrals", "place.referrals"), Permission.READ_REFERRALS),
)
"""In the order of the frame; the first that a person may open is where signing in leads."""


def places_for(permissions: frozenset[Permission]) -> tuple[Place, ...]:
    """The pages that somebody may open; never empty, since everybody may try."""
    return tuple(place for place, wanted in PLACES if wanted in permissions)
