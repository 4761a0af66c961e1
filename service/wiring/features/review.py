"""Where people decide cases, by the API and on pages."""

from __future__ import annotations

from service.enforcement.credit import flow as credit
from service.policy import catalogue
from service.referrals.view import tell_referrals
from service.reports.view import tell_counter, tell_reports
from service.review import pages
from service.review.desk import Desk
from service.review.explanation_pages import ExplanationPages
from service.review.routes import CaseRoutes
from service.review.told import Tellers
from service.uploads.view import tell_files
from service.wiring.api import Services
from service.wiring.explanations import build_explanations
from service.wiring.feature import Feature
from service.wiring.notices import build_wording


def build(services: Services) -> Feature:
    """`/v1/cases` and `/review`."""
    desk = Desk(
        readers=services.readers,
        commit=services.commit,
        clock=services.clock,
        wording=build_wording(services.settings),
        present=services.consequences.present,
        credit=credit,
        settle=services.restrictions.settle,
    )
    cases = CaseRoutes(desk=desk, entrance=services.entrance)
    return Feature(
        routes=[
            ("GET", "/v1/cases", cases.list_page),
            ("GET", "/v1/cases/{case_id}", cases.get),
            ("POST", "/v1/cases/{case_id}/claim", cases.claim),
            ("POST", "/v1/cases/{case_id}/renew", cases.renew),
            ("POST", "/v1/cases/{case_id}/release", cases.release),
            ("POST", "/v1/cases/{case_id}/escalate", cases.escalate),
            ("POST", "/v1/cases/{case_id}/decide", cases.decide),
            ("POST", "/v1/cases/{case_id}/open", cases.open_text),
            ("POST", "/v1/decisions/{decision_id}/human-review", cases.request_person),
        ],
        pages=[
            pages.router(
                desk,
                services.visitors,
                catalogue.load(),
                tellers=Tellers(
                    reports=tell_reports,
                    counter=tell_counter,
                    referrals=tell_referrals,
                    files=tell_files,
                ),
            ),
            ExplanationPages(build_explanations(services), services.visitors).router(),
        ],
    )
