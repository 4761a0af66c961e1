"""Where people contest decisions, and others rule on that."""

from __future__ import annotations

from service.appeals import pages
from service.appeals.desk import AppealDesk
from service.appeals.routes import AppealRoutes
from service.policy import catalogue
from service.wiring.api import Services
from service.wiring.appeals import build_rules
from service.wiring.attachments import build_attachments
from service.wiring.feature import Feature


def build(services: Services) -> Feature:
    """`/v1/appeals` and `/review/appeals`."""
    desk = AppealDesk(
        readers=services.readers,
        commit=services.commit,
        clock=services.clock,
        rules=build_rules(services),
        attachments=build_attachments(services),
        settle=services.restrictions.settle,
    )
    appeals = AppealRoutes(desk=desk, entrance=services.entrance)
    return Feature(
        routes=[
            ("POST", "/v1/decisions/{decision_id}/appeals", appeals.file),
            ("GET", "/v1/appeals", appeals.list_page),
            ("GET", "/v1/appeals/{appeal_id}", appeals.get),
            ("POST", "/v1/appeals/{appeal_id}/messages", appeals.say),
            ("GET", "/v1/appeals/{appeal_id}/attachments/{attachment_id}", appeals.attachment),
            ("POST", "/v1/appeals/{appeal_id}/withdraw", appeals.withdraw),
            ("POST", "/v1/appeals/{appeal_id}/claim", appeals.claim),
            ("POST", "/v1/appeals/{appeal_id}/renew", appeals.renew),
            ("POST", "/v1/appeals/{appeal_id}/release", appeals.release),
            ("POST", "/v1/appeals/{appeal_id}/reject", appeals.reject),
            ("POST", "/v1/appeals/{appeal_id}/decide", appeals.decide),
        ],
        pages=[pages.router(desk, services.visitors, catalogue.load())],
    )
