"""The API's features: each file builds one from the services, with its JSON routes and its pages.

To add one, write its file and name it in `BUILDERS`. Its rows stand in the order in which they are
searched, and so do the features: the busiest come first.
"""

from __future__ import annotations

from typing import Final

from service.wiring.api import Services
from service.wiring.feature import Build, Feature
from service.wiring.features import (
    access,
    appeals,
    decisions,
    enforcement,
    enterprises,
    explanations,
    moderation,
    my,
    notices,
    operators,
    referrals,
    reports,
    review,
    uploads,
)

BUILDERS: Final[tuple[Build, ...]] = (
    moderation.build,
    uploads.build,
    enforcement.build,
    decisions.build,
    review.build,
    notices.build,
    explanations.build,
    my.build,
    appeals.build,
    reports.build,
    referrals.build,
    enterprises.build,
    access.build,
    operators.build,
)


def build_features(services: Services) -> list[Feature]:
    """Every feature of the API."""
    return [build(services) for build in BUILDERS]
