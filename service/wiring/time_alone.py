"""What time alone brings about: a row for each thing that ends, falls due or is forgotten."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from service.access.people_store import purge_sessions
from service.appeals import flow as appeals_flow
from service.decisions.store import purge_expired_texts
from service.enforcement import flow as enforcement_flow
from service.enforcement.credit import flow as credit_flow
from service.enforcement.events.dormant import ask_dormant
from service.enforcement.events.flow import purge as purge_events
from service.enforcement.events.meters import RuleMeters
from service.kernel import outbox
from service.kernel.ticking import Ticks
from service.moderation import entry_store
from service.moderation import store as moderation_store
from service.notices.links import store as links
from service.operators.retention import forget_documents
from service.reports import flow as reports_flow
from service.review import flow as review_flow
from service.settings import Settings
from service.uploads import forgetting
from service.wiring.notices import (
    Telling,
    build_explanation_ticks,
    build_notice_ticks,
    build_wording,
)
from service.wiring.rules import build_rulebook


def build_ticks(settings: Settings) -> Ticks:
    """What time alone does, every second: terms end, leases expire, credit ages."""
    telling = Telling(build_wording(settings))
    return {
        "measures": enforcement_flow.end_terms,
        "cases": review_flow.expire_leases,
        "appeals": appeals_flow.expire_leases,
        "reports": reports_flow.conclude,
        "credit": credit_flow.age,
        "dormant": partial(
            ask_dormant,
            rules=build_rulebook(),
            tell=telling.safeguard,
            unanswered=RuleMeters().note_unanswered,  # here only its log is heard
        ),
        **build_notice_ticks(settings),
        **build_explanation_ticks(settings),
    }


def build_housekeeping() -> Ticks:
    """What keeps the store small, every minute."""
    return {
        "leases": outbox.sweep,
        "outbox": lambda conn, now, limit: outbox.purge(conn, now - timedelta(days=7), limit),
        "texts": lambda conn, now, _limit: min(purge_expired_texts(conn, now), 1),
        "answers": lambda conn, now, _limit: min(moderation_store.purge(conn, now), 1),
        "entries": lambda conn, now, _limit: min(
            entry_store.purge(conn, now - timedelta(days=1)), 1
        ),
        "sessions": purge_sessions,
        "events": purge_events,
        "links": links.purge,
        "uploads": forgetting.forget_expired,
        "arrivals": forgetting.forget_lost,
        "documents": forget_documents,
    }
