"""Reading decisions, and judging a recorded text again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.entrance import Entrance
from service.access.model import Permission, Principal, Scope
from service.decisions import store
from service.decisions.cuts import cuts_of
from service.decisions.model import Cut, Decision
from service.decisions.replay import compare
from service.decisions.view import (
    NOTHING,
    Attached,
    Link,
    Present,
    encode,
    may_have_attached,
    redact,
    redact_categories,
    show,
    show_whole,
)
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.kernel.ids import ID_LENGTH
from service.kernel.problems import NOT_FOUND, Problem, ProblemKind, invalid
from service.kernel.query import read_limit, read_query, wrong_cursor
from service.kernel.thin import JsonAnswer
from service.policy.model import Judgement, Verdict, joined_in

TEXT_EXPIRED = ProblemKind("text_expired", 410, "The text of this decision is not kept (any more).")

MAX_ACCOUNT: Final = 256
_FILTERS: Final = ("account_id", "clause", "verdict", "cursor", "limit")
_CLAUSE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){0,5}(/[a-z0-9_]{1,64})?", re.ASCII)
_NO_DECISION: Final = "decision: there is none of this id for this tenant"


class Judging(Protocol):
    """What judges a text (`service.detection.judge.Judge`)."""

    def judge(self, text: str, surface: str = ...) -> Judgement: ...


JudgeFile = Callable[[Connection, Decision, str, Sequence[Cut]], Judgement | None]
"""Judges the file of a decision by its kept text and the cuts of that; None when it cannot."""


class DecisionRoutes:
    """The endpoints with what they need; `judge_file` judges files by what is kept of them."""

    def __init__(
        self,
        *,
        readers: Readers,
        judge: Judging,
        judge_file: JudgeFile,
        entrance: Entrance,
        clock: Clock,
        present: Present,
        link: Link,
    ) -> None:
        self._readers = readers
        self._link = link
        self._present = present
        self._judge = judge
        self._judge_file = judge_file
        self._admit = entrance.admit
        self._now = clock.now

    async def get(self, request: Request) -> Response:
        """One decision."""
        principal = await self._admit(dict(request.scope["headers"]), Scope.READ)
        read_query(request.scope["query_string"], ())
        decision = await self._find(principal, request)
        attached = await self._attached(principal.tenant_id, [decision])
        linked = await self._readers.run(
            lambda conn: self._link(conn, principal.tenant_id, decision.id)
        )
        whole = show_whole(_for(principal, decision), attached.get(decision.id, NOTHING), linked)
        return JsonAnswer(encode(whole))

    async def list_page(self, request: Request) -> Response:
        """A page of decisions, newest first."""
        principal = await self._admit(dict(request.scope["headers"]), Scope.READ)
        query = read_query(request.scope["query_string"], _FILTERS)
        limit = read_limit(query.get("limit"))
        find = _page(principal.tenant_id, query)
        found = await self._readers.run(lambda conn: find(conn, limit + 1))
        page = found[:limit]
        cursor = store.cursor_after(page[-1]) if len(found) > limit else None
        attached = await self._attached(principal.tenant_id, page)
        items = [
            show(_for(principal, decision), attached.get(decision.id, NOTHING)) for decision in page
        ]
        body = {"items": items, "next_cursor": cursor}
        return JsonAnswer(encode(body))

    async def replay(self, request: Request) -> Response:
        """Judge the recorded text again, with the versions in force.

        What crossed several messages is not kept together, and so cannot be judged again.
        """
        principal = await self._admit(dict(request.scope["headers"]), Permission.REPLAY)
        read_query(request.scope["query_string"], ())
        decision = await self._find(principal, request)
        now = self._now()
        text = await self._readers.run(
            lambda conn: store.text_of(conn, principal.tenant_id, decision.id, now)
        )
        judgement = None
        if text is not None and not joined_in(decision.categories):
            judgement = await self._judge_again(decision, text)
        if judgement is None:
            raise Problem(TEXT_EXPIRED, "decision: its text is not kept, so it cannot be replayed")
        if not sees_words(principal):
            decision = redact(decision)
            judgement = msgspec.structs.replace(
                judgement, categories=redact_categories(judgement.categories)
            )
        return JsonAnswer(encode(compare(decision, judgement)))

    async def _judge_again(self, decision: Decision, text: str) -> Judgement | None:
        """The judgement of a recorded text now, None of a file that is not kept as a whole."""

        def judge(conn: Connection) -> Judgement | None:
            cuts = cuts_of(conn, decision.tenant_id, decision.id)
            if cuts:
                return self._judge_file(conn, decision, text, cuts)
            return self._judge.judge(text, decision.surface)

        return await self._readers.run(judge)

    async def _attached(
        self, tenant_id: str, decisions: Sequence[Decision]
    ) -> Mapping[str, Attached]:
        """The present measures and cases of decisions, by decision."""
        wanted = [found for found in decisions if may_have_attached(found)]
        if not wanted:
            return {}
        return await self._readers.run(lambda conn: self._present(conn, tenant_id, wanted))

    async def _find(self, principal: Principal, request: Request) -> Decision:
        """The decision of the path's id; another tenant's is as if there were none."""
        decision_id = str(request.path_params["decision_id"])
        if len(decision_id) != ID_LENGTH or not decision_id.isascii():
            raise Problem(NOT_FOUND, _NO_DECISION)
        found = await self._readers.run(
            lambda conn: store.get(conn, principal.tenant_id, decision_id)
        )
        if found is None:
            raise Problem(NOT_FOUND, _NO_DECISION)
        return found


def sees_words(principal: Principal) -> bool:
    """Whether the caller sees what hits quote: the tenant's own systems do. A person sees it in
    the case, which they hold or open with a reason."""
    return principal.person_id is None and principal.may(Permission.OPEN_TEXTS)


def _for(principal: Principal, decision: Decision) -> Decision:
    return decision if sees_words(principal) else redact(decision)


def _page(tenant_id: str, query: dict[str, str]) -> Callable[[Connection, int], list[Decision]]:
    """The query for a page, its filters checked; raises 422."""
    account_id, clause, verdict = (query.get(name) for name in ("account_id", "clause", "verdict"))
    if account_id is not None and len(account_id) > MAX_ACCOUNT:
        raise invalid("/account_id", "too_long", f"account_id: at most {MAX_ACCOUNT} code points")
    if clause is not None and not _CLAUSE.fullmatch(clause):
        raise invalid("/clause", "invalid", "clause: write 3.4.1.7 or 3.4.1.7/gambling")
    if verdict is not None and verdict not in set(Verdict):
        raise invalid("/verdict", "unknown_value", f"verdict: one of {', '.join(Verdict)}")
    before = None
    if "cursor" in query:
        try:
            before = store.read_cursor(query["cursor"])
        except ValueError:
            raise wrong_cursor() from None

    def find(conn: Connection, most: int) -> list[Decision]:
        return store.page(
            conn,
            tenant_id,
            account_id=account_id,
            clause=clause,
            verdict=None if verdict is None else Verdict(verdict),
            before=before,
            limit=most,
        )

    return find
