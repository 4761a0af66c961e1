"""Who may do what: the scopes of keys and the roles of people, as frozen tables.

The roles are those of the contract's table of people. A permission that only people can hold is
refused to a key with `person_required`, so that a client learns to sign somebody in.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Scope(StrEnum):
    """What a key may do; a key holds a set of these."""

    MODERATE = "moderate"
    READ = "read"
    ENFORCE = "enforce"
    REPORT = "report"
    ADMIN = "admin"


class Role(StrEnum):
    """What a person is; everybody has one."""

    REVIEWER = "reviewer"
    SENIOR_REVIEWER = "senior_reviewer"
    APPEAL_REVIEWER = "appeal_reviewer"
    POLICY_EDITOR = "policy_editor"
    AUDITOR = "auditor"
    TENANT_ADMIN = "tenant_admin"


class Permission(StrEnum):
    """One thing that a route or a page asks for. The first five are named like the scopes."""

    MODERATE = "moderate"
    """Submit content."""
    READ = "read"
    """Read decisions, measures, accounts and cases; texts redacted without `OPEN_TEXTS`."""
    ENFORCE = "enforce"
    """Send events, facts and receipts: what the host does."""
    REPORT = "report"
    """File complaints and appeals, for whoever they concern."""
    ADMIN = "admin"
    """Keys, people, webhooks, retention, erasure, kill switch."""
    REPLAY = "decisions.replay"
    """Judge a recorded text again."""
    TRY = "try"
    """See on `/try` how a text would be judged."""
    DECIDE_CASES = "cases.decide"
    """Claim, renew, release, escalate and decide cases; assess explanations."""
    READ_REPORTS = "reports.read"
    """See who reported and what they handed in: for whoever decides or rules."""
    ORDER_GRAVE_MEASURES = "measures.order_grave"
    """Order what ends or stops an account or deletes content: suspend, terminate, reclaim,
    delete."""
    LIFT_MEASURES = "measures.lift"
    """End a measure early, extend it, or order a failed one again."""
    PREPARE_REFERRALS = "referrals.prepare"
    """Prepare what is to be handed to an authority, and withdraw it."""
    APPROVE_REFERRALS = "referrals.approve"
    """Approve, refuse and close referrals that somebody else prepared."""
    READ_REFERRALS = "referrals.read"
    """Read referrals: what goes to whom on what basis, without the texts."""
    EXPORT_REFERRALS = "referrals.export"
    """Take the package of an approved referral, texts included."""
    RULE_APPEALS = "appeals.rule"
    """Claim appeals, reject them and rule on them."""
    WRITE_IN_APPEALS = "appeals.write"
    """Write to the other side of an appeal: a key for the appellant, a person as the reviewer."""
    EDIT_POLICY = "policy.edit"
    """Change policy, lists, rules and models as drafts."""
    PUBLISH_POLICY = "policy.publish"
    """Put a draft in force that somebody else wrote."""
    READ_RULES = "rules.read"
    """Read the rules about events with their versions."""
    OPEN_TEXTS = "texts.open"
    """See a user's text unredacted; a person does so in the cases that they hold or decided."""
    OPEN_WITH_REASON = "texts.open_with_reason"
    """See a user's text that one does not see at once, with a reason that the audit has: reviewers
    do so in their own cases about an enterprise's confidential records."""
    OPEN_OTHERS = "texts.open_others"
    """See a user's text in anybody's case, with such a reason."""
    READ_AUDIT = "audit.read"
    READ_DEAD_LETTERS = "deliveries.read"
    """See what was given up after its last try; ids only."""
    REDELIVER = "deliveries.redeliver"
    """Send a dead letter once more."""


PERMISSIONS_OF_SCOPES: Final[Mapping[Scope, frozenset[Permission]]] = MappingProxyType(
    {
        Scope.MODERATE: frozenset({Permission.MODERATE, Permission.REPLAY}),
        Scope.READ: frozenset(
            {
                Permission.READ,
                Permission.OPEN_TEXTS,
                Permission.READ_DEAD_LETTERS,
                Permission.READ_RULES,
            }
        ),
        Scope.ENFORCE: frozenset({Permission.ENFORCE}),
        Scope.REPORT: frozenset({Permission.REPORT, Permission.WRITE_IN_APPEALS}),
        Scope.ADMIN: frozenset({Permission.ADMIN, Permission.READ_AUDIT}),
    }
)
"""The tenant's own systems hold its users' texts already, so reading with a key opens them."""

_READING: Final = frozenset(
    {
        Permission.READ,
        Permission.REPLAY,
        Permission.TRY,
        Permission.READ_DEAD_LETTERS,
        Permission.READ_RULES,
    }
)
_DECIDING: Final = _READING | {
    Permission.DECIDE_CASES,
    Permission.OPEN_TEXTS,
    Permission.READ_REPORTS,
}

PERMISSIONS_OF_ROLES: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.REVIEWER: _DECIDING | {Permission.OPEN_WITH_REASON},
        Role.SENIOR_REVIEWER: _DECIDING
        | {
            Permission.ORDER_GRAVE_MEASURES,
            Permission.LIFT_MEASURES,
            Permission.OPEN_WITH_REASON,
            Permission.OPEN_OTHERS,
            Permission.PREPARE_REFERRALS,
            Permission.READ_REFERRALS,
            Permission.EXPORT_REFERRALS,
            Permission.READ_AUDIT,
            Permission.REDELIVER,
        },
        Role.APPEAL_REVIEWER: _READING
        | {
            Permission.RULE_APPEALS,
            Permission.WRITE_IN_APPEALS,
            Permission.READ_REPORTS,
            Permission.OPEN_TEXTS,
            Permission.OPEN_WITH_REASON,
            Permission.OPEN_OTHERS,
            Permission.READ_AUDIT,
        },
        Role.POLICY_EDITOR: frozenset(
            {
                Permission.TRY,
                Permission.READ_RULES,
                Permission.EDIT_POLICY,
                Permission.PUBLISH_POLICY,
            }
        ),
        Role.AUDITOR: _READING | {Permission.READ_AUDIT, Permission.READ_REFERRALS},
        Role.TENANT_ADMIN: frozenset(
            {
                Permission.TRY,
                Permission.READ_RULES,
                Permission.PUBLISH_POLICY,
                Permission.APPROVE_REFERRALS,
                Permission.READ_REFERRALS,
                Permission.EXPORT_REFERRALS,
                Permission.ADMIN,
                Permission.READ_DEAD_LETTERS,
                Permission.REDELIVER,
            }
        ),
    }
)

FOR_PEOPLE_ONLY: Final = frozenset(Permission) - frozenset().union(*PERMISSIONS_OF_SCOPES.values())
"""What no key can hold, whatever its scopes."""


def allow_scopes(scopes: frozenset[Scope]) -> frozenset[Permission]:
    """What a key with these scopes may do."""
    return frozenset().union(*(PERMISSIONS_OF_SCOPES[scope] for scope in scopes))
