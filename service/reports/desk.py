"""What routes and pages of reports both ask for, each in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from service.access.model import Principal
from service.access.store import find_tenant
from service.attachments.desk import Attachments, Given
from service.attachments.model import Attachment, Document
from service.kernel.audit import Actor
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.notices.writing import Wording
from service.policy.clause import Clause
from service.policy.model import Versions
from service.reports import claims, flow, store
from service.reports.flow import Complaint
from service.reports.model import CounterStatement, NoTenant, Report
from service.review import store as cases
from service.review.model import may_see_reports


class ReportDesk:
    """Takes complaints and tells of them; belongs to one event loop. Decisions that reports bring
    about name `versions`."""

    def __init__(
        self,
        *,
        readers: Readers,
        attachments: Attachments,
        clock: Clock,
        versions: Versions,
        wording: Wording,
    ) -> None:
        self.now = clock.now
        self._readers = readers
        self._attachments = attachments
        self._versions = versions
        self._wording = wording

    @property
    def clauses(self) -> Mapping[str, Clause]:
        """The labels that a report may name."""
        return self._wording.clauses

    async def has_tenant(self, tenant_id: str) -> bool:
        """Whether there is a tenant of this name."""
        return await self._readers.run(lambda conn: find_tenant(conn, tenant_id) is not None)

    async def file(
        self, tenant_id: str, complaint: Complaint, actor: Actor, documents: Sequence[Document] = ()
    ) -> str:
        """Take a complaint; its receipt.

        Raises `NoTenant`, and what `flow.receive` and `Attachments.take` raise.
        """
        now = self.now()

        def work(conn: Connection, given: Given) -> str:
            tenant = find_tenant(conn, tenant_id)
            if tenant is None:
                raise NoTenant("tenant: there is none of this name")
            receipt, _ = flow.receive(
                conn,
                complaint,
                tenant_id=tenant.id,
                key=tenant.digest_key,
                versions=self._versions,
                wording=self._wording,
                actor=actor,
                now=now,
                attachments=given,
            )
            return receipt

        return await self._attachments.take(tenant_id, documents, work)

    async def find(self, receipt: str) -> tuple[Report, CounterStatement | None] | None:
        """The report that a receipt is for, and what the accused said to it."""
        digest = flow.digest_receipt(receipt)

        def read(conn: Connection) -> tuple[Report, CounterStatement | None] | None:
            report = store.by_receipt(conn, digest)
            if report is None:
                return None
            return report, store.counter_of(conn, report.tenant_id, report.case_id)

        return await self._readers.run(read)

    async def of_case(
        self, principal: Principal, case_id: str
    ) -> tuple[list[Report], CounterStatement | None] | None:
        """Both sides of a case, for whoever may see them; None for anybody else."""
        tenant_id = principal.tenant_id

        def read(conn: Connection) -> tuple[list[Report], CounterStatement | None] | None:
            case = cases.get(conn, tenant_id, case_id)
            if case is None or not may_see_reports(case, principal):
                return None
            return store.of_case(conn, tenant_id, case_id), store.counter_of(
                conn, tenant_id, case_id
            )

        return await self._readers.run(read)

    async def counter(
        self,
        tenant_id: str,
        case_id: str,
        *,
        account_id: str,
        statement: str,
        evidence: Sequence[str],
        actor: Actor,
        documents: Sequence[Document] = (),
    ) -> CounterStatement:
        """State an account's side; raises what `claims.counter` and `Attachments.take` raise."""
        now = self.now()
        return await self._attachments.take(
            tenant_id,
            documents,
            lambda conn, given: claims.counter(
                conn,
                case_id,
                tenant_id=tenant_id,
                account_id=account_id,
                statement=statement,
                evidence=evidence,
                attachments=given,
                actor=actor,
                now=now,
            ),
        )

    async def open_attachment(
        self, principal: Principal, case_id: str, attachment_id: str
    ) -> tuple[Attachment, bytes] | None:
        """A document of either side of a case; None where there is none for whoever asks.

        Raises what `Attachments.open` raises.
        """
        tenant_id = principal.tenant_id

        def find(conn: Connection) -> list[Attachment]:
            case = cases.get(conn, tenant_id, case_id)
            if case is None or not may_see_reports(case, principal):
                return []
            said = store.counter_of(conn, tenant_id, case_id)
            reports = store.of_case(conn, tenant_id, case_id)
            came = [attachment for report in reports for attachment in report.attachments]
            return [*came, *(() if said is None else said.attachments)]

        return await self._attachments.open(tenant_id, attachment_id, find)
