"""The use case: a submission is judged, recorded as the contract demands, and answered.

An allowed text without `data_id` and key touches no store. With a `data_id`, whatever was decided
on it before is looked up first, and equal submissions wait for each other, so that fifty at once
give one decision. Block and review are durable before this returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from service.access.model import Tenant
from service.decisions.model import Decision
from service.decisions.store import RevisionTaken, insert_all
from service.decisions.view import NOTHING, Attached, may_have_attached
from service.kernel.db import StorageBusy, StorageError, StorageUnavailable
from service.kernel.gathering import Gathering
from service.kernel.rows import together
from service.kernel.turns import Turns
from service.moderation.afloat import Afloat
from service.moderation.hearing import Hearing, Judging
from service.moderation.joining import JoinWindow
from service.moderation.model import Submission
from service.moderation.outcome import (
    Outcome,
    Recorded,
    Step,
    Unrecorded,
    compose,
    kept_allow_row,
    kept_row,
)
from service.moderation.ports import Consequent, Looking, Writing
from service.moderation.scanning import Policing, Scan, find_scans
from service.policy.catalogue import Catalogue
from service.policy.model import Judgement, Verdict

ATTEMPTS: Final = 5
"""How often a revision is tried again that another process decided at the same moment."""


Keep = Callable[[Connection, Sequence[Recorded]], None]
"""Writes what else must be durable together with the decisions."""


@dataclass(frozen=True, slots=True)
class _Writ:
    """What one caller wants durable: the `fresh` among `steps`; `attached` is filled in."""

    steps: Sequence[Step]
    fresh: Sequence[Step]
    attached: dict[str, Attached]
    keep: Keep | None


class Moderation:
    """Moderates submissions; belongs to one event loop."""

    def __init__(
        self,
        *,
        judge: Judging,
        commit: Writing,
        lookups: Looking,
        afloat: Afloat,
        consequences: Consequent,
        catalogue: Catalogue,
        policies: Policing,
        window: JoinWindow,
    ) -> None:
        self._policies = policies
        self._commit = commit
        self._lookups = lookups
        self._afloat = afloat
        self._consequences = consequences
        self._hearing = Hearing(judge, lookups, catalogue, window)
        self._turns = Turns()
        self._writing = Gathering(self._write)

    async def moderate(self, tenant: Tenant, submission: Submission, now: datetime) -> Outcome:
        """The decision on one submission at `now`, for a caller without Idempotency-Key."""
        if submission.data_id is not None:
            return (await self.moderate_all(tenant, [submission], now))[0]
        (scan,) = await find_scans(self._policies, tenant.id, [submission])
        judgement = self._hearing.judge(submission, scan)
        if judgement.verdict is not Verdict.ALLOW:
            (judgement,) = await self._hearing.heed(tenant, [submission], [judgement], now)
        away = not self._commit.healthy
        decision = compose(tenant, submission, judgement, now, None, store_away=away)
        if decision.verdict is Verdict.ALLOW:
            return self._offer(tenant, submission, decision)
        return (await self._record([Step(tenant, submission, decision, scan)], None))[0]

    async def moderate_all(
        self,
        tenant: Tenant,
        submissions: Sequence[Submission],
        now: datetime,
        *,
        keep: Keep | None = None,
    ) -> list[Outcome]:
        """The decisions on submissions, in their order, as if they came one after the other.

        What must be durable is committed together. With `keep`, everything must be, and `keep` is
        called in the same transaction.
        """
        data_ids = sorted({s.data_id for s in submissions if s.data_id is not None})
        judgements: list[Judgement] = []
        scans: list[Scan] = []
        async with self._turns.hold([(tenant.id, data_id) for data_id in data_ids]):
            for _ in range(ATTEMPTS):
                newest, blind = await self._newest(tenant.id, data_ids)
                if not judgements:
                    scans = await find_scans(self._policies, tenant.id, submissions)
                    judgements = await self._hearing.judge_all(tenant, submissions, scans, now)
                steps = self._plan(tenant, submissions, scans, judgements, now, newest)
                if blind is not None:
                    return [self._degrade(step, blind) for step in steps]
                try:
                    return await self._record(steps, keep)
                except RevisionTaken:
                    continue
        trouble = StorageBusy("the store: other processes decide the same content; try again")
        return [self._degrade(step, trouble) for step in steps]

    async def _newest(
        self, tenant_id: str, data_ids: Sequence[str]
    ) -> tuple[dict[str, Decision], StorageError | None]:
        """The newest decision for each of `data_ids`, first among those still on their way."""
        found: dict[str, Decision] = {}
        absent = []
        for data_id in data_ids:
            decision = self._afloat.get(tenant_id, data_id)
            if decision is None:
                absent.append(data_id)
            else:
                found[data_id] = decision
        if not absent:
            return found, None
        try:
            return found | await self._lookups.newest(tenant_id, absent), None
        except StorageError as error:
            return found, error

    def _plan(
        self,
        tenant: Tenant,
        submissions: Sequence[Submission],
        scans: Sequence[Scan],
        judgements: Sequence[Judgement],
        now: datetime,
        newest: Mapping[str, Decision],
    ) -> list[Step]:
        standing = dict(newest)
        away = not self._commit.healthy
        steps = []
        for submission, scan, judgement in zip(submissions, scans, judgements, strict=True):
            data_id = submission.data_id
            earlier = None if data_id is None else standing.get(data_id)
            decision = compose(tenant, submission, judgement, now, earlier, store_away=away)
            if earlier is not None and earlier.content_digest == decision.content_digest:
                stands = newest.get(earlier.data_id or "") is earlier
                steps.append(Step(tenant, submission, earlier, scan, replay=True, stands=stands))
                continue
            lifts = earlier is not None and earlier.verdict is not Verdict.ALLOW
            steps.append(Step(tenant, submission, decision, scan, lifts=lifts))
            if data_id is not None:
                standing[data_id] = decision
        return steps

    async def _record(self, steps: list[Step], keep: Keep | None) -> list[Outcome]:
        """Commit what must be durable, leave the rest to the buffer.

        Raises `RevisionTaken`, with nothing kept, when another process was faster.
        """
        durable = [step for step in steps if step.must_be_durable or keep is not None]
        fresh = [step for step in durable if not step.replay]
        attached = await self._standing(steps)
        if fresh or keep is not None:
            try:
                await self._writing.add(_Writ(steps, fresh, attached, keep))
            except StorageError as error:
                return [self._degrade(step, error) for step in steps]
        committed = {id(step) for step in durable}
        return [
            _recorded(step, attached)
            if step.replay or id(step) in committed
            else self._offer(step.tenant, step.submission, step.decision)
            for step in steps
        ]

    async def _write(self, writs: Sequence[_Writ]) -> Sequence[_Writ]:
        """Commit what several callers wait for, in one transaction and few statements, and see
        what of it changed what accounts may do."""

        def write(conn: Connection) -> bool:
            insert_all(conn, [kept_row(step) for writ in writs for step in writ.fresh])
            with together(conn):
                restricts = [self._follow(conn, writ) for writ in writs]
            for writ in writs:
                if writ.keep is not None:
                    writ.keep(conn, [_recorded(step, writ.attached) for step in writ.steps])
            return any(restricts)

        if await self._commit.run(write):
            await self._consequences.settled()
        return writs

    def _follow(self, conn: Connection, writ: _Writ) -> bool:
        restricts = False
        for step in writ.fresh:
            made = self._consequences.apply(
                conn, step.decision, text=step.submission.text, lifts=step.lifts
            )
            writ.attached[step.decision.id] = made.attached
            restricts = restricts or made.restricts
        return restricts

    async def _standing(self, steps: Sequence[Step]) -> dict[str, Attached]:
        """What came of the decisions that stood before, by decision; nothing while the store is
        away."""
        stood = [
            step.decision for step in steps if step.stands and may_have_attached(step.decision)
        ]
        if not stood:
            return {}
        try:
            return dict(await self._lookups.attached(stood[0].tenant_id, stood))
        except StorageError:
            return {}

    def _offer(self, tenant: Tenant, submission: Submission, decision: Decision) -> Outcome:
        """Leave an allow decision to the buffer; unrecorded when that is full."""
        row = kept_allow_row(tenant, submission, decision)
        if submission.data_id is not None:
            self._afloat.add(decision)
        if self._commit.offer(row):
            return Recorded(decision)
        if submission.data_id is not None:
            self._afloat.remove(decision)
        return Unrecorded(
            decision.verdict, StorageUnavailable("the store: away, and the buffer is full")
        )

    def _degrade(self, step: Step, trouble: StorageError) -> Outcome:
        """What becomes of a step when the store is away: allow goes on, the rest is refused."""
        decision = step.decision
        if step.stands:
            return Recorded(decision, replay=True)
        if step.replay:  # of an earlier item of this batch, which may have gone on
            standing = self._afloat.get(step.tenant.id, decision.data_id or "")
            if standing is not None and standing.content_digest == decision.content_digest:
                return Recorded(standing, replay=True)
        if decision.verdict is not Verdict.ALLOW or step.lifts or step.replay:
            return Unrecorded(decision.verdict, trouble)
        if "store" not in decision.degraded:
            decision = msgspec.structs.replace(decision, degraded=(*decision.degraded, "store"))
        return self._offer(step.tenant, step.submission, decision)


def _recorded(step: Step, attached: Mapping[str, Attached]) -> Recorded:
    return Recorded(step.decision, step.replay, attached.get(step.decision.id, NOTHING))
