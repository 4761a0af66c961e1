"""Measures, what accounts may do, and the events that rules speak about."""

from __future__ import annotations

from service.enforcement.accounts.routes import AccountRoutes
from service.enforcement.events.flow import Speaking
from service.enforcement.events.routes import EventRoutes
from service.enforcement.routes import EnforcementRoutes
from service.enforcement.rulebook.book import Rulebook
from service.enforcement.rulebook.routes import RuleRoutes
from service.review.flow import cleared_labels, open_case
from service.review.store import open_cases_of
from service.wiring.api import Services
from service.wiring.feature import Feature
from service.wiring.notices import Telling, build_wording
from service.wiring.rules import build_rulebook


def build(services: Services) -> Feature:
    """`/v1/measures`, `/v1/accounts` and `/v1/events`."""
    enforcement = EnforcementRoutes(
        restrictions=services.restrictions,
        readers=services.readers,
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
        tell=Telling(build_wording(services.settings)).change,
    )
    accounts = AccountRoutes(
        readers=services.readers,
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
        open_cases_of=open_cases_of,
    )
    book = build_rulebook()
    rules = RuleRoutes(
        book=book,
        readers=services.readers,
        commit=services.commit,
        entrance=services.entrance,
        clock=services.clock,
    )
    events = EventRoutes(
        speaking=build_speaking(services, book),
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
            ("GET", "/v1/rules", rules.list_all),
            ("POST", "/v1/rules", rules.save),
            ("GET", "/v1/rules/{rule_id}", rules.get),
            ("POST", "/v1/rules/{rule_id}/versions/{number}/publish", rules.publish),
            ("POST", "/v1/rules/{rule_id}/retire", rules.retire),
        ]
    )


def build_speaking(services: Services, book: Rulebook) -> Speaking:
    """What lets the rules speak about events; their decisions name the judge's versions."""
    return Speaking(
        rules=book,
        versions=services.judge.versions,
        open_case=open_case,
        cleared_labels=cleared_labels,
        tell=Telling(build_wording(services.settings)).decision,
        unanswered=services.rule_meters.note_unanswered,
    )
