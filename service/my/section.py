"""What the page is made of: somebody who holds a link, and the sections that they see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.notices.links.model import Link
from service.web.languages import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Whoever holds the link, and all that they may see: one account of one tenant."""

    link: Link
    token: str
    language: Language
    now: datetime

    @property
    def tenant_id(self) -> str:
        """The account's tenant."""
        return self.link.tenant_id

    @property
    def account_id(self) -> str:
        """The account that the page is about."""
        return self.link.account_id


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: what it reads, and the template that shows it as `it`.

    `read` gives None when there is nothing to show; then the section is left out.
    """

    id: str
    template: str
    read: Callable[[Connection, Visit], Mapping[str, object] | None]
