"""Accounts' own pages."""

from __future__ import annotations

from typing import Final

from service.my.pages import MyPage
from service.my.section import Section
from service.my.sections import measures, notices
from service.wiring.api import Services
from service.wiring.feature import Feature

SECTIONS: Final[tuple[Section, ...]] = (measures.SECTION, notices.SECTION)
"""In the order in which they stand on the page."""


def build(services: Services) -> Feature:
    """`/my/{token}`."""
    page = MyPage(readers=services.readers, clock=services.clock, sections=SECTIONS)
    return Feature(pages=[page.router()])
