"""Takes the forms of an administrator about their people and records, and the objection of one of
these people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access.visitors import read_own_form, turn_away
from service.enterprises.desk import EnterpriseDesk
from service.enterprises.model import EnterpriseError, MayNot, NoneSuch, WrongInstruction
from service.kernel.audit import Actor
from service.kernel.db import StorageError
from service.my.pages import MyPage, back_to
from service.my.section import Visit
from service.my.sections.people import FUNCTIONS, TERMS
from service.my.sections.records import read_policy
from service.policy.term import read_term
from service.review.framed import ID

MOST_FORM: Final = 64 * 1024

Work = Callable[[Visit, Mapping[str, str], Actor], Awaitable[object]]


class PeopleForms:
    """The forms' ways in; `page` shows what comes of them."""

    def __init__(self, *, page: MyPage, desk: EnterpriseDesk) -> None:
        self._page = page
        self._desk = desk

    def router(self) -> APIRouter:
        """Their routes."""
        routes = APIRouter(include_in_schema=False)
        for path, endpoint in (
            ("/my/{token}/people", self.order),
            ("/my/{token}/people/{measure_id}/lift", self.lift),
            ("/my/{token}/people/{measure_id}/answer", self.answer),
            ("/my/{token}/measures/{measure_id}/objection", self.objects),
            ("/my/{token}/scan-policy", self.instruct),
        ):
            routes.add_api_route(path, endpoint, methods=["POST"], response_model=None)
        return routes

    async def order(self, request: Request) -> Response:
        """Restrict one of the people."""

        async def work(visit: Visit, form: Mapping[str, str], actor: Actor) -> object:
            term = form.get("term", "")
            functions = tuple(name for name in FUNCTIONS if form.get(f"f.{name}"))
            return await self._desk.order(
                visit.tenant_id,
                form.get("enterprise_id", ""),
                administrator=visit.account_id,
                account_id=form.get("account_id", "").strip(),
                functions=functions,
                term=read_term(term) if term in TERMS else None,
                why=form.get("why", ""),
                actor=actor,
                is_known=False,
            )

        return await self._carry_out(request, work, "restricted")

    async def lift(self, request: Request) -> Response:
        """End what the enterprise ordered."""
        measure_id = _read_id(request)

        async def work(visit: Visit, form: Mapping[str, str], actor: Actor) -> object:
            return await self._desk.lift(
                visit.tenant_id,
                form.get("enterprise_id", ""),
                measure_id,
                administrator=visit.account_id,
                actor=actor,
            )

        return await self._carry_out(request, work, "freed")

    async def answer(self, request: Request) -> Response:
        """Answer an objection."""
        measure_id = _read_id(request)

        async def work(visit: Visit, form: Mapping[str, str], actor: Actor) -> object:
            return await self._desk.answer(
                visit.tenant_id,
                form.get("enterprise_id", ""),
                measure_id,
                administrator=visit.account_id,
                accepted=form.get("accepted") == "yes",
                reason=form.get("reason", ""),
                actor=actor,
            )

        return await self._carry_out(request, work, "replied")

    async def objects(self, request: Request) -> Response:
        """Object to what the enterprise ordered."""
        measure_id = _read_id(request)

        async def work(visit: Visit, form: Mapping[str, str], actor: Actor) -> object:
            return await self._desk.objects(
                visit.tenant_id,
                measure_id,
                form.get("statement", ""),
                account_id=visit.account_id,
                actor=actor,
            )

        return await self._carry_out(request, work, "objected")

    async def instruct(self, request: Request) -> Response:
        """Say what is looked for in the enterprise's records, who sees it, how long it is kept."""

        async def work(visit: Visit, form: Mapping[str, str], actor: Actor) -> object:
            policy = read_policy(form)
            if policy is None:
                raise WrongInstruction("policy: choose from the form", "/policy", "invalid")
            return await self._desk.instruct(
                visit.tenant_id,
                form.get("enterprise_id", ""),
                policy,
                administrator=visit.account_id,
                actor=actor,
            )

        return await self._carry_out(request, work, "instructed", flaw="records")

    async def _carry_out(
        self, request: Request, work: Work, said: str, *, flaw: str = ""
    ) -> Response:
        visit = await self._page.enter(request)
        form = await read_own_form(request, most_bytes=MOST_FORM)
        try:
            await work(visit, form, Actor("link", visit.link.id))
        except NoneSuch:
            raise turn_away(request, "missing", status=404) from None
        except WrongInstruction as error:
            flaw = flaw or f"people_{error.pointer.removeprefix('/')}"
            return await self._page.show(request, visit, flaw=flaw, form=form, status=422)
        except MayNot:
            flaw = flaw or "people_account"
            return await self._page.show(request, visit, flaw=flaw, form=form, status=403)
        except EnterpriseError:
            return await self._page.show(
                request, visit, flaw="people_settled", form=form, status=409
            )
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        return back_to(visit, said)


def _read_id(request: Request) -> str:
    measure_id = str(request.path_params["measure_id"])
    if not ID.match(measure_id):
        raise turn_away(request, "missing", status=404)
    return measure_id
