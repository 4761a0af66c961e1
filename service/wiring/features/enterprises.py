"""Enterprises: who administers them, what they instruct, within which limits."""

from __future__ import annotations

from service.enterprises.inside_routes import InsideRoutes
from service.enterprises.routes import EnterpriseRoutes
from service.wiring.api import Services
from service.wiring.enterprises import build_enterprise_desk
from service.wiring.feature import Feature


def build(services: Services) -> Feature:
    """`/v1/enterprises` and `/v1/scan-limits`."""
    routes = EnterpriseRoutes(
        readers=services.readers,
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
    )
    inside = InsideRoutes(desk=build_enterprise_desk(services), entrance=services.entrance)
    base = "/v1/enterprises/{enterprise_id}"
    return Feature(
        routes=[
            ("GET", base, routes.get),
            ("PUT", base, routes.put),
            ("PUT", f"{base}/scan-policy", routes.put_policy),
            ("GET", f"{base}/measures", inside.list_page),
            ("POST", f"{base}/measures", inside.order),
            ("POST", f"{base}/measures/{{measure_id}}/lift", inside.lift),
            ("POST", f"{base}/measures/{{measure_id}}/answer", inside.answer),
            ("POST", "/v1/measures/{measure_id}/objection", inside.objects),
            ("GET", "/v1/scan-limits", routes.get_limits),
            ("PUT", "/v1/scan-limits", routes.put_limits),
        ]
    )
