"""What takes complaints and the statements of the accused."""

from __future__ import annotations

from service.reports.desk import ReportDesk
from service.wiring.api import Services
from service.wiring.attachments import build_attachments
from service.wiring.notices import build_wording


def build_report_desk(services: Services) -> ReportDesk:
    """What routes and pages ask of reports."""
    return ReportDesk(
        readers=services.readers,
        attachments=build_attachments(services),
        clock=services.clock,
        versions=services.judge.versions,
        wording=build_wording(services.settings),
    )
