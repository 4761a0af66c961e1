"""Accounts' own pages."""

from __future__ import annotations

from service.my.contesting import AppealForms
from service.my.explaining import ExplainForm
from service.my.pages import MyPage
from service.my.sections import appeals, explanations, measures, notices
from service.wiring.api import Services
from service.wiring.appeals import build_rules
from service.wiring.explanations import build_explanations
from service.wiring.feature import Feature


def build(services: Services) -> Feature:
    """`/my/{token}`; the sections in the order in which they stand on it."""
    rules = build_rules(services)
    sections = (
        explanations.SECTION,
        measures.SECTION,
        appeals.make_section(rules),
        notices.SECTION,
    )
    page = MyPage(readers=services.readers, clock=services.clock, sections=sections)
    explaining = ExplainForm(page=page, desk=build_explanations(services))
    contesting = AppealForms(page=page, commit=services.commit, rules=rules, now=services.clock.now)
    return Feature(pages=[page.router(), explaining.router(), contesting.router()])
