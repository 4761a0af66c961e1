"""What writes notices, counts their delivery and sends them, for every role that does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from service.decisions.model import Decision
from service.enforcement.model import Measure
from service.enterprises.store import administrators_of
from service.explanations import lapse
from service.explanations.flow import begin_period
from service.kernel.audit import MACHINE, Actor
from service.kernel.ticking import Ticks
from service.notices import flow, telling
from service.notices.calendar.model import Calendar
from service.notices.chain import read_chain
from service.notices.flow import Counting
from service.notices.jobs import Pages, Sending
from service.notices.mail import Mailer
from service.notices.writing import Wording
from service.policy import agreement, catalogue
from service.settings import Settings
from service.wiring.calendar import build_calendar


def build_wording(settings: Settings) -> Wording:
    """The words of clauses. Raises `RegistryError` for a file that cannot be used."""
    agreements = agreement.load(settings.agreements_dir)
    return Wording(catalogue.load().clauses, agreements, administrators_of)


class Telling:
    """Writes the notices of what machines decide, and of what people change outside cases."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def decision(
        self,
        conn: Connection,
        decision: Decision,
        measures: Sequence[Measure],
        text: str | None = None,
    ) -> None:
        """Of a decision with measures."""
        telling.tell_decision(
            conn,
            decision,
            measures,
            text=text,
            wording=self._wording,
            actor=MACHINE,
            now=decision.decided_at,
        )

    def change(self, conn: Connection, measure: Measure, actor: Actor, now: datetime) -> None:
        """Of a measure that a person lifted or extended outside a case."""
        telling.tell_change(conn, measure, wording=self._wording, actor=actor, now=now)

    def safeguard(
        self,
        conn: Connection,
        tenant_id: str,
        account_id: str,
        measures: Sequence[Measure],
        now: datetime,
    ) -> None:
        """Of what a rule ordered for an account's safety."""
        telling.tell_safeguard(
            conn,
            measures,
            tenant_id=tenant_id,
            account_id=account_id,
            wording=self._wording,
            now=now,
        )


def build_counting(calendar: Calendar) -> Counting:
    """By what deliveries are counted, and who is told of it."""
    return Counting(calendar, (partial(begin_period, calendar=calendar),))


def build_pages(settings: Settings, secret: str) -> Pages:
    """Where accounts' own pages are."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return Pages(settings.public_url or f"http://{host}:{settings.port}", secret)


def build_sending(settings: Settings, secret: str) -> Sending:
    """What sends notices. Raises `ValueError` for a chain that cannot be."""
    try:
        chain = read_chain(settings.notice_channels)
    except ValueError as error:
        raise ValueError(f"MODERATION_NOTICE_CHANNELS: {error}") from None
    return Sending(
        chain=chain,
        counting=build_counting(build_calendar(settings)),
        pages=build_pages(settings, secret),
        mailer=Mailer(settings.smtp_url, settings.mail_from) if settings.smtp_url else None,
    )


def build_notice_ticks(settings: Settings) -> Ticks:
    """Silent channels are given up; what another calendar counted provisionally is counted anew."""
    counting = build_counting(build_calendar(settings))
    patience = timedelta(minutes=settings.notice_patience_minutes)
    return {
        "notices": partial(flow.give_up_silent, patience=patience, counting=counting),
        "calendar": partial(flow.count_anew, counting=counting),
    }


def build_explanation_ticks(settings: Settings) -> Ticks:
    """Periods end, accounts are reminded, provisional periods are counted anew."""
    return {
        "explanations": partial(lapse.lapse, wording=build_wording(settings)),
        "reminders": lapse.remind,
        "periods": partial(lapse.count_anew, calendar=build_calendar(settings)),
    }
