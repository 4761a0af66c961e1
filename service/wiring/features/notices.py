"""Notices with their receipts, and links to accounts' own pages."""

from __future__ import annotations

from service.notices.links.routes import LinkRoutes
from service.notices.routes import NoticeRoutes
from service.wiring.api import Services
from service.wiring.feature import Feature
from service.wiring.notices import build_counting, build_pages


def build(services: Services) -> Feature:
    """`/v1/notices` and `/v1/accounts/{id}/links`."""
    notices = NoticeRoutes(
        readers=services.readers,
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
        counting=build_counting(services.calendar),
    )
    links = LinkRoutes(
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
        pages=build_pages(services.settings, ""),
    )
    return Feature(
        routes=[
            ("GET", "/v1/notices/{notice_id}", notices.get),
            ("POST", "/v1/notices/{notice_id}/receipt", notices.take_receipt),
            ("POST", "/v1/accounts/{account_id}/links", links.make),
            ("DELETE", "/v1/accounts/{account_id}/links", links.revoke),
        ]
    )
