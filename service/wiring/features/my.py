"""Accounts' own pages."""

from __future__ import annotations

from service.my.contesting import AppealForms
from service.my.countering import CounterForm
from service.my.explaining import ExplainForm
from service.my.managing import PeopleForms
from service.my.pages import MyPage
from service.my.sections import (
    appeals,
    claims,
    explanations,
    measures,
    notices,
    people,
    records,
)
from service.wiring.api import Services
from service.wiring.appeals import build_rules
from service.wiring.attachments import build_attachments
from service.wiring.enterprises import build_enterprise_desk
from service.wiring.explanations import build_explanations
from service.wiring.feature import Feature
from service.wiring.reports import build_report_desk


def build(services: Services) -> Feature:
    """`/my/{token}`; the sections in the order in which they stand on it."""
    rules = build_rules(services)
    sections = (
        explanations.SECTION,
        claims.make_section(rules.wording.clauses),
        measures.SECTION,
        people.SECTION,
        records.SECTION,
        appeals.make_section(rules),
        notices.SECTION,
    )
    page = MyPage(readers=services.readers, clock=services.clock, sections=sections)
    explaining = ExplainForm(page=page, desk=build_explanations(services))
    attachments = build_attachments(services)
    contesting = AppealForms(
        page=page, attachments=attachments, rules=rules, now=services.clock.now
    )
    countering = CounterForm(page=page, desk=build_report_desk(services))
    managing = PeopleForms(page=page, desk=build_enterprise_desk(services))
    forms = (explaining, contesting, countering, managing)
    return Feature(pages=[page.router(), *(form.router() for form in forms)])
