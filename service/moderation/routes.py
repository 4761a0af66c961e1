"""The door: POST /v1/moderations and POST /v1/moderations/batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from service.access.entrance import Entrance
from service.access.keyring import KeyRing
from service.access.model import Scope, Tenant
from service.decisions.view import encode, show, show_in_batch
from service.kernel.clock import Clock
from service.kernel.problems import Problem, as_object, storage_problem
from service.kernel.thin import JsonAnswer, RawHeaders, read_body, require_json
from service.moderation.flow import Keep, Moderation
from service.moderation.keyed import REPLAYED, KeyedAnswers, read_key
from service.moderation.meters import Meters
from service.moderation.model import Submission
from service.moderation.outcome import Outcome, Unrecorded
from service.moderation.reading import Item, read_batch, read_submission

MAX_SINGLE_BODY: Final = 512 * 1024
"""Largest body of one item in bytes: twice what the longest text takes when all is escaped."""

_REPLAY_HEADER: Final[RawHeaders] = ((b"idempotent-replay", b"true"),)


class ModerationRoutes:
    """The two endpoints with what they need; `max_body` is the largest batch in bytes."""

    def __init__(
        self,
        *,
        moderation: Moderation,
        keyed: KeyedAnswers,
        entrance: Entrance,
        keys: KeyRing,
        clock: Clock,
        meters: Meters,
        ticks: Callable[[], float],
        max_body: int,
    ) -> None:
        self._moderation = moderation
        self._keyed = keyed
        self._admit = entrance.admit
        self._tenant = keys.tenant
        self._now = clock.now
        self._meters = meters
        self._ticks = ticks
        self._max_body = max_body
        self._max_single = min(max_body, MAX_SINGLE_BODY)

    async def moderate(self, request: Request) -> Response:
        """Judge one item."""
        began = self._ticks()
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Scope.MODERATE)
        require_json(headers)
        body = await read_body(request.receive, headers, self._max_single)
        submission = read_submission(body)
        tenant = self._tenant(principal.tenant_id)
        key = headers.get(b"idempotency-key")
        if key is not None:
            answer = await self._moderate_once(tenant, key, body, submission)
        else:
            outcome = await self._moderation.moderate(tenant, submission, self._now())
            if isinstance(outcome, Unrecorded):
                raise storage_problem(outcome.trouble, verdict=outcome.verdict)
            self._meters.count(outcome.decision, replay=outcome.replay)
            answer = JsonAnswer(
                encode(show(outcome.decision, outcome.attached, replay=outcome.replay)),
                200,
                _REPLAY_HEADER if outcome.replay else (),
            )
        self._meters.time(self._ticks() - began)
        return answer

    async def moderate_batch(self, request: Request) -> Response:
        """Judge up to a hundred items."""
        began = self._ticks()
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Scope.MODERATE)
        require_json(headers)
        body = await read_body(request.receive, headers, self._max_body)
        items = read_batch(body)
        tenant = self._tenant(principal.tenant_id)
        submissions = [item.submission for item in items if item.submission is not None]
        key = headers.get(b"idempotency-key")
        answer: Response
        if key is not None:
            answer = await self._once(
                tenant, key, b"batch\n" + body, submissions, lambda found: _batch(items, found)
            )
        else:
            outcomes = await self._moderation.moderate_all(tenant, submissions, self._now())
            self._count(outcomes)
            answer = JsonAnswer(_batch(items, outcomes)[0])
        self._meters.time(self._ticks() - began)
        return answer

    async def _moderate_once(
        self, tenant: Tenant, key: bytes, body: bytes, submission: Submission
    ) -> JsonAnswer:
        return await self._once(tenant, key, b"one\n" + body, [submission], _single)

    async def _once(
        self,
        tenant: Tenant,
        key: bytes,
        request: bytes,
        submissions: Sequence[Submission],
        render: Callable[[Sequence[Outcome]], tuple[bytes, dict[str, str]]],
    ) -> JsonAnswer:
        now = self._now()

        async def decide(keep: Keep) -> Sequence[Outcome]:
            outcomes = await self._moderation.moderate_all(tenant, submissions, now, keep=keep)
            self._count(outcomes)
            return outcomes

        answer = await self._keyed.once(
            tenant.id, read_key(key), request, now, decide=decide, render=render
        )
        raw = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        return JsonAnswer(answer.body, answer.status, tuple(raw))

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if not isinstance(outcome, Unrecorded):
                self._meters.count(outcome.decision, replay=outcome.replay)


def _single(outcomes: Sequence[Outcome]) -> tuple[bytes, dict[str, str]]:
    outcome = outcomes[0]
    if isinstance(outcome, Unrecorded):
        raise storage_problem(outcome.trouble, verdict=outcome.verdict)
    body = encode(show(outcome.decision, outcome.attached, replay=outcome.replay))
    return body, dict(REPLAYED) if outcome.replay else {}


def _batch(items: Sequence[Item], outcomes: Sequence[Outcome]) -> tuple[bytes, dict[str, str]]:
    """The batch's answer: each outcome, or its problem, in the place of its item."""
    left = iter(outcomes)
    results: list[Any] = []
    for item in items:
        if item.problem is not None:
            results.append(_error(item.problem))
            continue
        outcome = next(left)
        if isinstance(outcome, Unrecorded):
            results.append(_error(storage_problem(outcome.trouble, verdict=outcome.verdict)))
        else:
            results.append(show_in_batch(outcome.decision, outcome.attached, replay=outcome.replay))
    return encode({"results": results}), {}


def _error(problem: Problem) -> dict[str, Any]:
    return {"error": as_object(problem)}
