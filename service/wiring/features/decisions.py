"""Decisions, to read and to replay."""

from __future__ import annotations

from service.decisions.routes import DecisionRoutes
from service.uploads.again import Again
from service.wiring.api import Services
from service.wiring.feature import Feature
from service.wiring.links import link


def build(services: Services) -> Feature:
    """`/v1/decisions`."""
    decisions = DecisionRoutes(
        readers=services.readers,
        judge=services.judge,
        judge_file=Again(services.file_judge).judge,
        entrance=services.entrance,
        clock=services.clock,
        present=services.consequences.present,
        link=link,
    )
    return Feature(
        routes=[
            ("GET", "/v1/decisions/{decision_id}", decisions.get),
            ("GET", "/v1/decisions", decisions.list_page),
            ("POST", "/v1/decisions/{decision_id}/replay", decisions.replay),
        ]
    )
