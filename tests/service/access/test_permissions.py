"""Who may do what, as the contract's table of people says it."""

from __future__ import annotations

import pytest

from service.access.permissions import (
    FOR_PEOPLE_ONLY,
    PERMISSIONS_OF_ROLES,
    PERMISSIONS_OF_SCOPES,
    Permission,
    Role,
    Scope,
    allow_scopes,
)
from service.access.places import places_for

P = Permission
REVIEWERS = {"reviewer", "senior_reviewer"}
READERS = {*REVIEWERS, "appeal_reviewer", "auditor"}
EVERYBODY = {role.value for role in Role}

HOLDERS = [
    # permission, scopes, roles
    (P.MODERATE, {"moderate"}, set()),
    (P.READ, {"read"}, READERS),
    (P.ENFORCE, {"enforce"}, set()),
    (P.REPORT, {"report"}, set()),
    (P.ADMIN, {"admin"}, {"tenant_admin"}),
    (P.REPLAY, {"moderate"}, READERS),
    (P.TRY, set(), EVERYBODY),
    (P.DECIDE_CASES, set(), REVIEWERS),
    (P.READ_REPORTS, set(), {*REVIEWERS, "appeal_reviewer"}),
    (P.ORDER_GRAVE_MEASURES, set(), {"senior_reviewer"}),
    (P.LIFT_MEASURES, set(), {"senior_reviewer"}),
    (P.PREPARE_REFERRALS, set(), {"senior_reviewer"}),
    (P.APPROVE_REFERRALS, set(), {"tenant_admin"}),
    (P.READ_REFERRALS, set(), {"senior_reviewer", "auditor", "tenant_admin"}),
    (P.EXPORT_REFERRALS, set(), {"senior_reviewer", "tenant_admin"}),
    (P.RULE_APPEALS, set(), {"appeal_reviewer"}),
    (P.WRITE_IN_APPEALS, {"report"}, {"appeal_reviewer"}),
    (P.EDIT_POLICY, set(), {"policy_editor"}),
    (P.PUBLISH_POLICY, set(), {"policy_editor", "tenant_admin"}),
    (P.READ_RULES, {"read"}, EVERYBODY),
    (P.OPEN_TEXTS, {"read"}, {*REVIEWERS, "appeal_reviewer"}),
    (P.OPEN_WITH_REASON, set(), {*REVIEWERS, "appeal_reviewer"}),
    (P.OPEN_OTHERS, set(), {"senior_reviewer", "appeal_reviewer"}),
    (P.READ_AUDIT, {"admin"}, {"senior_reviewer", "appeal_reviewer", "auditor"}),
    (P.READ_DEAD_LETTERS, {"read"}, {*READERS, "tenant_admin"}),
    (P.REDELIVER, set(), {"senior_reviewer", "tenant_admin"}),
]


@pytest.mark.parametrize(("permission", "scopes", "roles"), HOLDERS, ids=lambda v: str(v))
def test_a_permission_is_held_by_these_and_nobody_else(
    permission: Permission, scopes: set[str], roles: set[str]
) -> None:
    assert {s.value for s, held in PERMISSIONS_OF_SCOPES.items() if permission in held} == scopes
    assert {r.value for r, held in PERMISSIONS_OF_ROLES.items() if permission in held} == roles
    assert (permission in FOR_PEOPLE_ONLY) == (not scopes)


def test_every_permission_scope_and_role_is_in_the_tables() -> None:
    assert [row[0] for row in HOLDERS] == list(Permission)
    assert set(PERMISSIONS_OF_SCOPES) == set(Scope)
    assert set(PERMISSIONS_OF_ROLES) == set(Role)


def test_whoever_changes_a_policy_alone_cannot_put_it_in_force_nor_who_decides_rule_on_it() -> None:
    """Roles in which one person would check themselves are kept apart."""
    for held in PERMISSIONS_OF_ROLES.values():
        assert not {P.DECIDE_CASES, P.RULE_APPEALS} <= held
        assert not {P.PREPARE_REFERRALS, P.APPROVE_REFERRALS} <= held
    seeing = {P.READ, P.REPLAY, P.TRY, P.READ_AUDIT, P.READ_DEAD_LETTERS, P.READ_RULES}
    seeing.add(P.READ_REFERRALS)
    assert not PERMISSIONS_OF_ROLES[Role.AUDITOR] - seeing


@pytest.mark.parametrize("scope", Scope)
def test_a_scope_stands_for_the_permission_of_its_name(scope: Scope) -> None:
    assert scope in allow_scopes(frozenset({scope}))
    assert not (set(Scope) - {scope}) & set(map(str, allow_scopes(frozenset({scope}))))


@pytest.mark.parametrize("role", Role)
def test_everybody_has_a_page_to_go_to(role: Role) -> None:
    assert places_for(PERMISSIONS_OF_ROLES[role])
