"""Where whoever is concerned complains, and hears what became of it."""

from __future__ import annotations

from service.policy import catalogue
from service.reports.routes import ReportRoutes
from service.wiring.api import Services
from service.wiring.feature import Feature


def build(services: Services) -> Feature:
    """`/v1/reports`, and the reports of a case."""
    reports = ReportRoutes(
        readers=services.readers,
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
        versions=services.judge.versions,
        clauses=catalogue.load().clauses,
    )
    return Feature(
        routes=[
            ("POST", "/v1/reports", reports.file),
            ("GET", "/v1/reports/{receipt}", reports.get),
            ("GET", "/v1/cases/{case_id}/reports", reports.of_case),
        ]
    )
