"""Where matters are prepared for authorities, approved by a second person, and exported."""

from __future__ import annotations

from service.attachments.files import LocalFolder
from service.policy import catalogue
from service.referrals import pages
from service.referrals.desk import ReferralDesk
from service.referrals.routes import ReferralRoutes
from service.reports.view import show_counter_of
from service.version import VERSION
from service.wiring.api import Services
from service.wiring.feature import Feature


def build(services: Services) -> Feature:
    """`/v1/referrals` and `/review/referrals`."""
    desk = ReferralDesk(
        readers=services.readers,
        commit=services.commit,
        clock=services.clock,
        files=LocalFolder(services.settings.files_dir),
        counter_of=show_counter_of,
        version=VERSION,
    )
    referrals = ReferralRoutes(desk=desk, entrance=services.entrance)
    base = "/v1/referrals/{referral_id}"
    return Feature(
        routes=[
            ("POST", "/v1/cases/{case_id}/referrals", referrals.prepare),
            ("GET", "/v1/referrals", referrals.list_page),
            ("GET", base, referrals.get),
            ("POST", f"{base}/approve", referrals.approve),
            ("POST", f"{base}/refuse", referrals.refuse),
            ("POST", f"{base}/withdraw", referrals.withdraw),
            ("POST", f"{base}/close", referrals.close),
            ("POST", f"{base}/export", referrals.export),
        ],
        pages=[pages.router(desk, services.visitors, catalogue.load())],
    )
