"""What is judged, seen and kept of an enterprise's confidential records, within limits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
from doors import VERSIONS, Door, open_door
from sqlalchemy import select

from service.decisions.tables import decision_texts
from service.enterprises.model import (
    Limits,
    ScanPolicy,
    Scope,
    Sight,
    WrongInstruction,
    check_policy,
    fit,
)
from service.kernel.audit import entries_of
from service.policy.model import Category, Hit, Judgement, Reasons, Severity, Verdict
from service.policy.surfaces import CONFIDENTIAL, is_judged

WORDS = {"赌": ("3.4.1.7", "gambling"), "侮": ("3.4.1.8", "insult"), "毒": ("3.4.2.1", "malware")}
"""What a text says, and the label found by it."""

E = "e-1"
_numbers = count()


class LabelJudge:
    """Blocks what `WORDS` says, on the surfaces where that label is judged."""

    has_model = True
    versions = VERSIONS

    def judge(self, text: str, surface: str = "im.message") -> Judgement:
        found = []
        for word, (clause, label) in WORDS.items():
            if word in text and is_judged(f"{clause}/{label}", surface):
                at = text.index(word)
                hit = Hit("wordlist", label, word, word, word, at, at + 1)
                sources = ("wordlist",)
                found.append(
                    Category(clause, label, 0.97, Severity.HIGH, Verdict.BLOCK, sources, (hit,))
                )
        verdict = Verdict.BLOCK if found else Verdict.ALLOW
        return Judgement(verdict, tuple(found), Reasons("有", "found"), VERSIONS)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path, judge=LabelJudge()) as opened:
        yield opened


def send(door: Door, text: str, surface: str = "crm.note", enterprise: str | None = E) -> Any:
    account = {"id": "u-1"} | ({} if enterprise is None else {"enterprise_id": enterprise})
    body = {"text": text, "surface": surface, "account": account, "data_id": f"m-{next(_numbers)}"}
    return door.post(body).json()


def labels(result: Any) -> set[str]:
    return {category["label"] for category in result["categories"]}


def instruct(door: Door, enterprise: str = E, **policy: Any) -> Any:
    path = f"/v1/enterprises/{enterprise}/scan-policy"
    return door.client.put(path, json=policy, headers=door.auth())


def limit(door: Door, **limits: Any) -> Any:
    return door.client.put("/v1/scan-limits", json=limits, headers=door.auth())


def kept(door: Door) -> list[Any]:
    with door.services.engine.connect() as conn:
        query = select(decision_texts.c.text, decision_texts.c.expires_at)
        return [(row.text, row.expires_at) for row in conn.execute(query)]


@pytest.mark.parametrize("surface", sorted(CONFIDENTIAL))
def test_by_default_crime_and_attacks_are_looked_for_and_no_text_is_kept(
    door: Door, surface: str
) -> None:
    assert labels(send(door, "赌侮毒", surface)) == {"gambling", "malware"}
    assert send(door, "侮", surface)["verdict"] == "allow"
    assert kept(door) == []


def test_what_is_not_confidential_or_nobodys_enterprise_is_judged_as_ever(door: Door) -> None:
    instruct(door, surfaces=dict.fromkeys(CONFIDENTIAL, "crime"))
    assert labels(send(door, "侮", "im.message")) == {"insult"}
    assert labels(send(door, "赌", "crm.note", None)) == {"gambling"}
    assert [text for text, _ in kept(door)] == ["侮", "赌"]


def test_an_enterprise_has_more_or_less_looked_for(door: Door) -> None:
    assert limit(door, least="nothing").status_code == 200
    told = instruct(door, surfaces={"crm.note": "everything", "deals.note": "nothing"})
    assert told.status_code == 200, told.text
    door.clock.move(seconds=1)
    assert labels(send(door, "赌侮毒", "crm.note")) == {"gambling", "insult", "malware"}
    assert send(door, "赌侮毒", "deals.note")["verdict"] == "allow"
    assert labels(send(door, "赌侮毒", "followup.note")) == {"gambling", "malware"}
    assert labels(send(door, "赌侮", "crm.note", "e-2")) == {"gambling"}


def test_text_is_kept_as_long_as_the_enterprise_says(door: Door) -> None:
    instruct(door, text_days=30)
    now = door.clock.now()
    send(door, "赌")
    ((text, expires),) = kept(door)
    assert (text, (expires - now).days) == ("赌", 30)


def test_limits_that_come_later_hold_at_once(door: Door) -> None:
    limit(door, least="nothing")
    instruct(door, surfaces={"crm.note": "nothing"}, text_days=30, reviewers="open")
    limit(door, least="crime", most="crime", may_open=False, most_days=0)
    found = door.get(f"/v1/enterprises/{E}").json()
    assert found["instructed"]["surfaces"] == {"crm.note": "nothing"}
    assert set(found["scan_policy"]["surfaces"].values()) == {"crime"}
    assert (found["scan_policy"]["reviewers"], found["scan_policy"]["text_days"]) == ("redacted", 0)
    assert labels(send(door, "赌侮")) == {"gambling"}
    assert kept(door) == []


@pytest.mark.parametrize(
    ("policy", "pointer", "code"),
    [
        ({"surfaces": {"im.message": "nothing"}}, "/surfaces", "unknown_value"),
        ({"surfaces": {"crm.note": "nothing"}}, "/surfaces/crm.note", "outside_limits"),
        ({"text_days": 181}, "/text_days", "out_of_range"),
        ({"text_days": -1}, "/text_days", "out_of_range"),
        ({"text_days": 61}, "/text_days", "outside_limits"),
        ({"reviewers": "open"}, "/reviewers", "outside_limits"),
    ],
)
def test_what_is_outside_the_limits_is_refused(
    door: Door, policy: Any, pointer: str, code: str
) -> None:
    limit(door, may_open=False, most_days=60)
    refused = instruct(door, **policy)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"pointer": pointer, "code": code}]
    assert door.get(f"/v1/enterprises/{E}").json()["instructed"] == {
        "reviewers": "redacted",
        "surfaces": {},
        "text_days": 0,
    }


@pytest.mark.parametrize(
    "limits", [{"least": "everything", "most": "crime"}, {"most_days": 181}, {"most_days": -1}]
)
def test_limits_that_nothing_fits_into_are_refused(door: Door, limits: Any) -> None:
    assert limit(door, **limits).status_code == 422


@pytest.mark.parametrize("administrators", [[""], ["x" * 257], ["a\0"], ["a", "a"], ["a"] * 51])
def test_administrators_are_accounts_each_once(door: Door, administrators: list[str]) -> None:
    path = f"/v1/enterprises/{E}"
    refused = door.client.put(path, json={"administrators": administrators}, headers=door.auth())
    assert refused.status_code == 422


def test_policies_and_limits_are_in_the_audit(door: Door) -> None:
    instruct(door, text_days=3)
    limit(door, most_days=7)
    with door.services.engine.connect() as conn:
        (instructed,) = entries_of(conn, "a", ("enterprise", E))
        (limited,) = entries_of(conn, "a", ("tenant", "a"))
    assert (instructed.action, instructed.detail["text_days"]) == ("enterprise.instructed", 3)
    assert (limited.action, limited.detail["most_days"]) == ("enterprise.limited", 7)


def claim(door: Door, case_id: str, role: str = "reviewer") -> Any:
    path = f"/v1/cases/{case_id}/claim"
    door.client.post(path, json={"version": 1}, headers=door.auth_as(role))
    return door.client.get(f"/v1/cases/{case_id}", headers=door.auth_as(role)).json()


def quoted(case: Any) -> str:
    return "".join(h["text"] for c in case["decision"]["categories"] for h in c["hits"])


def test_whoever_holds_a_case_sees_no_word_until_they_say_why(door: Door) -> None:
    instruct(door, text_days=30)
    case_id = send(door, "赌一把")["case"]["id"]
    case = claim(door, case_id)
    assert (case["text"], quoted(case)) == (None, "•")
    assert door.get(f"/v1/cases/{case_id}").json()["text"] == "赌一把"  # the tenant's own system
    path = f"/v1/cases/{case_id}/open"
    opened = door.client.post(path, json={"reason": "核实"}, headers=door.auth_as("reviewer"))
    assert (opened.status_code, opened.json()["text"]) == (200, "赌一把")
    with door.services.engine.connect() as conn:
        last = entries_of(conn, "a", ("case", case_id))[-1]
    assert (last.action, last.detail["reason"]) == ("case.text_opened", "核实")
    other = door.client.post(path, json={"reason": "?"}, headers=door.auth_as("reviewer-2"))
    assert other.status_code == 403
    door.sign_in("reviewer")
    page = door.client.get(f"/review/cases/{case_id}?lang=zh").text
    assert "赌一把" not in page
    assert f"/review/cases/{case_id}/open" in page


def test_an_enterprise_lets_reviewers_see_it_at_once(door: Door) -> None:
    instruct(door, text_days=30, reviewers="open")
    case = claim(door, send(door, "赌一把")["case"]["id"])
    assert (case["text"], quoted(case)) == ("赌一把", "赌")


def test_a_reviewer_opens_no_ordinary_text_with_a_reason(door: Door) -> None:
    case_id = send(door, "赌", "im.message")["case"]["id"]
    path = f"/v1/cases/{case_id}/open"
    refused = door.client.post(path, json={"reason": "?"}, headers=door.auth_as("reviewer"))
    assert refused.status_code == 403


def test_every_policy_fits_every_limit_after_fitting() -> None:
    for least, most, may_open, days in product(Scope, Scope, (True, False), (0, 7)):
        limits = Limits(least=least, most=most, may_open=may_open, most_days=days)
        if list(Scope).index(least) > list(Scope).index(most):
            continue
        for scope, sight, text_days in product(Scope, Sight, (0, 30)):
            policy = ScanPolicy({"crm.note": scope}, sight, text_days)
            fitted = fit(policy, limits)
            check_policy(fitted, limits)
            try:
                check_policy(policy, limits)
            except WrongInstruction:
                assert fitted != fit(policy, Limits(least=Scope.NOTHING))
            else:
                assert fitted.scope_of("crm.note") is scope
                assert (fitted.reviewers, fitted.text_days) == (sight, text_days)
