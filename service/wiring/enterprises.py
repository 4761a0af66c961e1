"""What reads and moves what enterprises order against their people."""

from __future__ import annotations

from service.enterprises.desk import EnterpriseDesk
from service.wiring.api import Services
from service.wiring.notices import build_wording


def build_enterprise_desk(services: Services) -> EnterpriseDesk:
    """What routes and pages ask of it."""
    return EnterpriseDesk(
        readers=services.readers,
        commit=services.commit,
        clock=services.clock,
        wording=build_wording(services.settings),
        settle=services.restrictions.settle,
    )
