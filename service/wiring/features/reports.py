"""Where whoever is concerned complains, and hears what became of it."""

from __future__ import annotations

from service.reports import document_page, pages
from service.reports.routes import ReportRoutes
from service.wiring.api import Services
from service.wiring.feature import Feature
from service.wiring.reports import build_report_desk


def build(services: Services) -> Feature:
    """`/v1/reports`, the reports of a case, and `/report`."""
    desk = build_report_desk(services)
    reports = ReportRoutes(desk=desk, entrance=services.entrance)
    return Feature(
        routes=[
            ("POST", "/v1/reports", reports.file),
            ("GET", "/v1/reports/{receipt}", reports.get),
            ("GET", "/v1/cases/{case_id}/reports", reports.of_case),
            ("GET", "/v1/cases/{case_id}/attachments/{attachment_id}", reports.attachment),
            ("POST", "/v1/cases/{case_id}/counter-statements", reports.counter),
        ],
        pages=[pages.router(desk), document_page.router(desk, services.visitors)],
    )
