"""Measures, what accounts may do, and the events that rules speak about."""

from __future__ import annotations

from service.enforcement.accounts.routes import AccountRoutes
from service.enforcement.events import rule
from service.enforcement.events.flow import Speaking
from service.enforcement.events.routes import EventRoutes
from service.enforcement.routes import EnforcementRoutes
from service.policy import catalogue
from service.policy.model import Versions
from service.review.flow import cleared_labels, open_case
from service.review.store import open_cases_of
from service.settings import Settings
from service.wiring.api import Services
from service.wiring.feature import Feature
from service.wiring.notices import Telling, build_wording


def build(services: Services) -> Feature:
    """`/v1/measures`, `/v1/accounts` and `/v1/events`."""
    enforcement = EnforcementRoutes(
        restrictions=services.restrictions,
        readers=services.readers,
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
    )
    accounts = AccountRoutes(
        readers=services.readers,
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
        open_cases_of=open_cases_of,
    )
    events = EventRoutes(
        speaking=build_speaking(services.settings, services.judge.versions),
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
        settle=services.restrictions.settle,
    )
    return Feature(
        routes=[
            ("GET", "/v1/accounts/{account_id}/functions/{function}", enforcement.check),
            ("GET", "/v1/measures/{measure_id}", enforcement.get),
            ("POST", "/v1/measures/{measure_id}/receipt", enforcement.take_receipt),
            ("POST", "/v1/measures/{measure_id}/lift", enforcement.lift),
            ("POST", "/v1/measures/{measure_id}/extend", enforcement.extend),
            ("POST", "/v1/measures/{measure_id}/order", enforcement.order_again),
            ("GET", "/v1/accounts/{account_id}/standing", accounts.standing),
            ("PUT", "/v1/accounts/{account_id}/facts", accounts.put_facts),
            ("POST", "/v1/events", events.post),
        ]
    )


def build_speaking(settings: Settings, versions: Versions) -> Speaking:
    """What lets the shipped rules speak about events; their decisions name these versions.

    Raises `RegistryError` for a rule that cannot be used.
    """
    return Speaking(
        rules=rule.load(catalogue.load().clauses),
        versions=versions,
        open_case=open_case,
        cleared_labels=cleared_labels,
        tell=Telling(build_wording(settings)).decision,
    )
