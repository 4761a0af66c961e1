"""For an administrator: what is looked for in the enterprise's confidential records, who sees their
words, and how long these are kept (4.6, 5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from service.enterprises.model import Limits, ScanPolicy, Scope, Sight, allowed_scopes, fit
from service.enterprises.store import administered_by, get, limits_of
from service.my.section import Section, Visit
from service.policy.surfaces import CONFIDENTIAL

SURFACES: Final = tuple(sorted(CONFIDENTIAL))
"""The surfaces that an enterprise instructs about, in the order of the form."""


@dataclass(frozen=True, slots=True)
class Row:
    """One enterprise that the account administers, with what holds for it now."""

    enterprise_id: str
    policy: ScanPolicy


def read(conn: Connection, visit: Visit) -> Mapping[str, object] | None:
    """The enterprises that the account administers; None where there is none."""
    found = administered_by(conn, visit.tenant_id, visit.account_id)
    if not found:
        return None
    limits = limits_of(conn, visit.tenant_id)
    return {
        "rows": [Row(id_, _policy(conn, visit.tenant_id, id_, limits)) for id_ in found],
        "surfaces": SURFACES,
        "scopes": [scope.value for scope in allowed_scopes(limits)],
        "sights": [sight.value for sight in Sight if limits.may_open or sight is Sight.REDACTED],
        "most_days": limits.most_days,
    }


def read_policy(form: Mapping[str, str]) -> ScanPolicy | None:
    """The policy that was filled in; None where a field is no choice of the form."""
    try:
        return ScanPolicy(
            surfaces={surface: Scope(form.get(f"s.{surface}", "")) for surface in SURFACES},
            reviewers=Sight(form.get("reviewers", "")),
            text_days=int(form.get("text_days", "")),
        )
    except ValueError:
        return None


def _policy(conn: Connection, tenant_id: str, enterprise_id: str, limits: Limits) -> ScanPolicy:
    known = get(conn, tenant_id, enterprise_id)
    return fit(ScanPolicy() if known is None else known.policy, limits)


SECTION = Section("records", "my/records.html", read)
