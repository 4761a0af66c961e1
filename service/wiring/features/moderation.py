"""Judging what is submitted, and the page to try it on."""

from __future__ import annotations

from service.enterprises.policies import Policies
from service.kernel.clock import ticks
from service.moderation import pages
from service.moderation.flow import Moderation
from service.moderation.keyed import KeyedAnswers
from service.moderation.routes import ModerationRoutes
from service.policy import catalogue
from service.uploads.trying import make_try
from service.wiring.api import Services
from service.wiring.feature import Feature


def build_try(services: Services) -> pages.TryFile | None:
    """What opens files for `/try`, where this process was given a scanner."""
    if services.scanner is None:
        return None
    return make_try(services.scanner, services.file_judge)


def build(services: Services) -> Feature:
    """`/v1/moderations` and `/try`."""
    moderations = ModerationRoutes(
        moderation=Moderation(
            judge=services.judge,
            commit=services.commit,
            lookups=services.lookups,
            afloat=services.afloat,
            consequences=services.consequences,
            catalogue=catalogue.load(),
            policies=Policies(services.readers),
            window=services.window,
        ),
        keyed=KeyedAnswers(services.lookups),
        entrance=services.entrance,
        keys=services.keys,
        clock=services.clock,
        meters=services.meters,
        ticks=ticks,
        max_body=services.settings.max_body_bytes,
    )
    return Feature(
        routes=[
            ("POST", "/v1/moderations", moderations.moderate),
            ("POST", "/v1/moderations/batch", moderations.moderate_batch),
        ],
        pages=[
            pages.router(
                lambda: services.judge,
                visitors=services.visitors,
                demo=services.settings.demo,
                try_file=build_try(services),
            )
        ],
    )
