"""What routes and pages of referrals both ask for, each in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import Connection

from service.access.model import Principal
from service.attachments.files import Files, download_name
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.referrals import flow, store
from service.referrals.dossier import CounterOf, Dossier, gather
from service.referrals.model import Draft, NoReferral, Referral, ReferralEvent
from service.referrals.package import make_manifest, pack
from service.review.desk import Writing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Package:
    """The archive, what to call it, and the SHA-256 of its manifest in hex."""

    name: str
    data: bytes
    digest: str


class ReferralDesk:
    """Reads and moves referrals; belongs to one event loop. `version` is the service's."""

    def __init__(
        self,
        *,
        readers: Readers,
        commit: Writing,
        clock: Clock,
        files: Files,
        counter_of: CounterOf,
        version: str,
    ) -> None:
        self.now = clock.now
        self._readers = readers
        self._commit = commit
        self._files = files
        self._counter_of = counter_of
        self._version = version

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What a query gives."""
        return await self._readers.run(work)

    async def find(self, principal: Principal, referral_id: str) -> Referral:
        """A referral; raises `NoReferral`."""
        found = await self.read(lambda conn: store.get(conn, principal.tenant_id, referral_id))
        if found is None:
            raise NoReferral("referral: there is none of this id for this tenant")
        return found

    async def prepare(self, principal: Principal, case_id: str, draft: Draft) -> Referral:
        """Prepare the referral of a case; raises what the flow raises."""
        now = self.now()
        return await self._commit.run(
            lambda conn: flow.prepare(conn, case_id, draft, principal=principal, now=now)
        )

    async def step(
        self,
        event: ReferralEvent,
        principal: Principal,
        referral_id: str,
        *,
        version: int,
        reason: str = "",
    ) -> Referral:
        """Approve, refuse, withdraw or close; raises what the flow raises."""
        now = self.now()
        return await self._commit.run(
            lambda conn: flow.step(
                conn,
                referral_id,
                event,
                version=version,
                reason=reason,
                principal=principal,
                now=now,
            )
        )

    async def export(self, principal: Principal, referral_id: str) -> Package:
        """The package of an approved referral, handed to nobody but the caller.

        It is noted with its digest before it is given out. Raises what the flow raises.
        """
        now = self.now()

        def read(conn: Connection) -> tuple[Referral, Dossier]:
            found = store.get(conn, principal.tenant_id, referral_id)
            referral = flow.read_exportable(found, principal=principal)
            return referral, gather(conn, referral, now, counter_of=self._counter_of)

        referral, dossier = await self.read(read)
        package = await asyncio.to_thread(self._pack, referral, dossier, now)
        await self._commit.run(
            lambda conn: flow.note_export(
                conn, referral_id, package.digest, principal=principal, now=now
            )
        )
        return package

    def _pack(self, referral: Referral, dossier: Dossier, now: datetime) -> Package:
        files = dict(dossier.files)
        for attachment in dossier.attachments:
            data = self._files.get(referral.tenant_id, attachment.id)
            if data is not None:
                files[f"attachments/{download_name(attachment)}"] = data
        manifest = make_manifest(
            files,
            tenant=referral.tenant_id,
            referral=referral.id,
            authority=referral.authority,
            document_number=referral.document_number,
            made_at=now,
            service=self._version,
        )
        name = f"referral-{referral.id}.zip"
        return Package(name, pack(files, manifest), sha256(manifest).hexdigest())
