"""Accounts' own pages."""

from __future__ import annotations

from typing import Final

from service.my.explaining import ExplainForm
from service.my.pages import MyPage
from service.my.section import Section
from service.my.sections import explanations, measures, notices
from service.wiring.api import Services
from service.wiring.explanations import build_explanations
from service.wiring.feature import Feature

SECTIONS: Final[tuple[Section, ...]] = (explanations.SECTION, measures.SECTION, notices.SECTION)
"""In the order in which they stand on the page."""


def build(services: Services) -> Feature:
    """`/my/{token}`."""
    page = MyPage(readers=services.readers, clock=services.clock, sections=SECTIONS)
    explaining = ExplainForm(page=page, desk=build_explanations(services))
    return Feature(pages=[page.router(), explaining.router()])
