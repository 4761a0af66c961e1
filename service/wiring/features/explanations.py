"""Explanations, by the API."""

from __future__ import annotations

from service.explanations.routes import ExplanationRoutes
from service.wiring.api import Services
from service.wiring.explanations import build_explanations
from service.wiring.feature import Feature


def build(services: Services) -> Feature:
    """`/v1/explanation-requests`."""
    routes = ExplanationRoutes(desk=build_explanations(services), entrance=services.entrance)
    base = "/v1/explanation-requests/{request_id}"
    return Feature(
        routes=[
            ("GET", base, routes.get),
            ("POST", f"{base}/answer", routes.answer),
            ("POST", f"{base}/extend", routes.extend),
            ("POST", f"{base}/assess", routes.assess),
            ("POST", f"{base}/cancel", routes.cancel),
            ("GET", f"{base}/attachments/{{attachment_id}}", routes.attachment),
        ]
    )
