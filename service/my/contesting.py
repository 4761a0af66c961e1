"""The forms by which an account contests a decision, writes, withdraws, or asks for a person (PIPL,
Article 24).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.visitors import turn_away
from service.appeals import filing, flow, store
from service.appeals.contested import Rules
from service.appeals.model import MOST_TEXT, Appeal, AppealError, Author, WrongAppeal
from service.attachments.desk import Attachments, Given
from service.attachments.model import Attachment, WrongDocuments
from service.attachments.pages import give_document
from service.decisions import store as decisions
from service.decisions.model import Decision
from service.kernel.audit import Actor
from service.kernel.db import StorageError
from service.kernel.machine import IllegalMove
from service.my.documents import read_documents_form
from service.my.pages import MyPage, back_to
from service.my.section import Visit
from service.review.framed import ID
from service.review.model import NoCase
from service.review.settling import request_person

_TOLD: Final = frozenset({"appeal_open", "already_final", "deadline_passed"})


Work = Callable[[Connection, Visit, Mapping[str, str], Given, datetime], None]
"""What a form does in its transaction, with the documents that came with it."""


class AppealForms:
    """The forms of the section."""

    def __init__(
        self,
        *,
        page: MyPage,
        attachments: Attachments,
        rules: Rules,
        now: Callable[[], datetime],
    ) -> None:
        self._page = page
        self._attachments = attachments
        self._rules = rules
        self._now = now

    def router(self) -> APIRouter:
        """Their routes."""
        routes = APIRouter(include_in_schema=False)
        for path, endpoint in (
            ("/my/{token}/appeals", self.file),
            ("/my/{token}/appeals/{appeal_id}/messages", self.say),
            ("/my/{token}/appeals/{appeal_id}/withdraw", self.withdraw),
            ("/my/{token}/human-review", self.ask_person),
        ):
            routes.add_api_route(path, endpoint, methods=["POST"], response_model=None)
        path = "/my/{token}/appeals/{appeal_id}/attachments/{attachment_id}"
        routes.add_api_route(path, self.attachment, methods=["GET"], response_model=None)
        return routes

    async def file(self, request: Request) -> Response:
        """Contest a decision about the account."""

        def work(
            conn: Connection, visit: Visit, form: Mapping[str, str], given: Given, now: datetime
        ) -> None:
            decision = _own_decision(conn, visit, form, request)
            evidence = form.get("evidence", "").strip()
            filing.file(
                conn,
                decision.id,
                tenant_id=visit.tenant_id,
                grounds=form.get("grounds", ""),
                evidence=(evidence,) if evidence else (),
                attachments=given,
                actor=_actor(visit),
                rules=self._rules,
                now=now,
            )

        return await self._carry_out(request, work, "appealed")

    async def say(self, request: Request) -> Response:
        """Write to the reviewer."""

        def work(
            conn: Connection, visit: Visit, form: Mapping[str, str], given: Given, now: datetime
        ) -> None:
            appeal = _own_appeal(conn, visit, request)
            flow.say(
                conn,
                appeal.id,
                form.get("text", ""),
                tenant_id=visit.tenant_id,
                author=Author.APPELLANT,
                actor=_actor(visit),
                now=now,
                attachments=given,
            )

        return await self._carry_out(request, work, "written")

    async def withdraw(self, request: Request) -> Response:
        """Take an appeal back."""

        def work(
            conn: Connection, visit: Visit, form: Mapping[str, str], given: Given, now: datetime
        ) -> None:
            appeal = _own_appeal(conn, visit, request)
            flow.withdraw(
                conn,
                appeal.id,
                tenant_id=visit.tenant_id,
                version=None,
                actor=_actor(visit),
                now=now,
            )

        return await self._carry_out(request, work, "withdrawn")

    async def ask_person(self, request: Request) -> Response:
        """Have a person decide what a machine did."""

        def work(
            conn: Connection, visit: Visit, form: Mapping[str, str], given: Given, now: datetime
        ) -> None:
            decision = _own_decision(conn, visit, form, request)
            request_person(conn, decision, actor=_actor(visit), now=now)

        return await self._carry_out(request, work, "asked_person")

    async def attachment(self, request: Request) -> Response:
        """A document of an appeal of the account, its own or the reviewer's, to be saved."""
        visit = await self._page.enter(request)

        def find(conn: Connection) -> list[Attachment]:
            return store.all_attachments_of(conn, _own_appeal(conn, visit, request))

        return await give_document(
            request, lambda id_: self._attachments.open(visit.tenant_id, id_, find)
        )

    async def _carry_out(self, request: Request, work: Work, said: str) -> Response:
        visit = await self._page.enter(request)
        form, documents = await read_documents_form(request, self._page, visit, most_text=MOST_TEXT)
        now = self._now()
        try:
            await self._attachments.take(
                visit.tenant_id, documents, lambda conn, given: work(conn, visit, form, given, now)
            )
        except WrongDocuments:
            return await self._page.show(request, visit, flaw="files", form=form, status=422)
        except WrongAppeal as error:
            flaw = f"appeal_{error.field or error.flaw}"
            return await self._page.show(request, visit, flaw=flaw, form=form, status=422)
        except (AppealError, IllegalMove, NoCase) as error:
            flaw = f"appeal_{error.code if error.code in _TOLD else 'gone'}"
            return await self._page.show(request, visit, flaw=flaw, form=form, status=409)
        except (StorageError, OSError):
            raise turn_away(request, "storage", status=503) from None
        return back_to(visit, said)


def _own_decision(
    conn: Connection, visit: Visit, form: Mapping[str, str], request: Request
) -> Decision:
    """The decision that a form names; another account's is as if it did not exist."""
    decision_id = form.get("decision_id", "")
    found = decisions.get(conn, visit.tenant_id, decision_id) if ID.match(decision_id) else None
    if found is None or found.account_id != visit.account_id:
        raise turn_away(request, "missing", status=404)
    return found


def _own_appeal(conn: Connection, visit: Visit, request: Request) -> Appeal:
    appeal_id = str(request.path_params["appeal_id"])
    appeal = store.get(conn, visit.tenant_id, appeal_id) if ID.match(appeal_id) else None
    if appeal is None or appeal.account_id != visit.account_id:
        raise turn_away(request, "missing", status=404)
    return appeal


def _actor(visit: Visit) -> Actor:
    return Actor("link", visit.link.id)
