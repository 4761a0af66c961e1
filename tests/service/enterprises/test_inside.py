"""Administrators hear of measures against their people, add their own, and answer objections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.kernel.audit import entries_of
from service.notices import store as notices
from service.notices.rendering import render

E = "e-1"
BOSS = "u-boss"
CHEN = "u-chen"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        told = opened.client.put(
            f"/v1/enterprises/{E}", json={"administrators": [BOSS]}, headers=opened.auth()
        )
        assert told.status_code == 200
        yield opened


def block(door: Door, account: str = CHEN, enterprise: str | None = E) -> Any:
    of = {"id": account} | ({} if enterprise is None else {"enterprise_id": enterprise})
    return door.post({"text": f"坏 {account}", "account": of}).json()


def told(door: Door, account: str) -> list[tuple[str, str]]:
    """The notices of an account, the oldest first: kind and Chinese words."""
    with door.services.engine.connect() as conn:
        found = notices.of_account(conn, "a", account)
    return [(notice.kind.value, render(notice).body.zh_cn) for notice in reversed(found)]


def order(door: Door, **changes: Any) -> Any:
    body = {
        "administrator": BOSS,
        "account_id": CHEN,
        "functions": ["leads.outreach"],
        "term": "P7D",
        "why": "未经审批群发<b>",
    }
    return door.post(body | changes, path=f"/v1/enterprises/{E}/measures")


def may(door: Door, function: str = "leads.outreach", account: str = CHEN) -> bool:
    allowed: bool = door.get(f"/v1/accounts/{account}/functions/{function}").json()["allowed"]
    return allowed


def link(door: Door, account: str) -> str:
    made = door.client.post(f"/v1/accounts/{account}/links", headers=door.auth())
    path: str = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    return path


def page(door: Door, account: str) -> str:
    text: str = door.client.get(f"{link(door, account)}?lang=zh").text
    return text


def test_an_administrator_hears_that_and_until_when_and_nothing_of_why(door: Door) -> None:
    block(door)
    ((kind, words),) = told(door, BOSS)
    assert kind == "people"
    for said in (CHEN, "限制功能（发消息）", "2026年11月23日16:00"):
        assert said in words, said
    for secret in ("坏", "3.4.1.7", "赌博", "im.message", "的消息"):
        assert secret not in words, secret
    shown = page(door, BOSS)
    assert "企业成员" in shown
    assert "2026-11-23 16:00" in shown
    assert "坏" not in shown
    assert "赌博" not in shown


def test_nobody_hears_of_others_people_or_of_themselves(door: Door) -> None:
    block(door, "u-other", "e-2")
    block(door, "u-alone", None)
    block(door, BOSS)
    assert [kind for kind, _ in told(door, BOSS)] == ["decision"]
    assert "企业成员" not in page(door, CHEN)


def test_an_administrator_hears_when_it_is_over(door: Door) -> None:
    result = block(door)
    (measure,) = (m for m in result["measures"] if m["type"] == "restrict_functions")
    lifted = door.client.post(
        f"/v1/measures/{measure['id']}/lift",
        json={"reason": "?"},
        headers=door.auth_as("senior_reviewer"),
    )
    assert lifted.status_code == 200
    kinds = told(door, BOSS)
    assert [kind for kind, _ in kinds] == ["people", "people"]
    assert "已结束" in kinds[-1][1]


def test_an_enterprise_restricts_further_and_it_holds_at_once(door: Door) -> None:
    assert may(door)
    made = order(door)
    assert made.status_code == 201, made.text
    measure = made.json()["measure"]
    assert (measure["reason"], measure["automatic"], measure["decision_id"]) == (
        "enterprise",
        False,
        None,
    )
    assert not may(door)
    assert door.get(f"/v1/accounts/{CHEN}/standing").json()["credit"]["score"] == 100
    ((kind, words),) = told(door, CHEN)
    assert kind == "inside"
    assert "不是平台的处理" in words
    assert [each["why"] for each in door.get(f"/v1/enterprises/{E}/measures").json()["items"]] == [
        "未经审批群发<b>"
    ]
    with door.services.engine.connect() as conn:
        actions = [entry.action for entry in entries_of(conn, "a", ("measure", measure["id"]))]
    assert actions == ["measure.ordered", "enterprise.ordered"]


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"administrator": CHEN}, 403, None),
        ({"administrator": "nobody"}, 403, None),
        ({"account_id": BOSS}, 403, None),
        ({"functions": []}, 422, "/functions"),
        ({"functions": ["account.login"]}, 422, "/functions"),
        ({"functions": ["account.profile"]}, 422, "/functions"),
        ({"functions": ["fly"]}, 422, "/functions"),
        ({"term": "P9999D"}, 422, "/functions"),
        ({"term": "soon"}, 422, "/term"),
        ({"why": " "}, 422, "/why"),
        ({"why": "x" * 4_001}, 422, "/why"),
    ],
)
def test_what_an_enterprise_may_not_order(
    door: Door, change: Any, status: int, pointer: str | None
) -> None:
    refused = order(door, **change)
    assert refused.status_code == status, refused.text
    if pointer is not None:
        assert refused.json()["errors"][0]["pointer"] == pointer
    assert may(door)


def test_another_enterprise_lifts_and_answers_nothing(door: Door) -> None:
    measure_id = order(door).json()["measure"]["id"]
    path = "/v1/enterprises/e-2"
    door.client.put(path, json={"administrators": [BOSS]}, headers=door.auth())
    body = {"administrator": BOSS}
    assert door.post(body, path=f"{path}/measures/{measure_id}/lift").status_code == 404
    answer = body | {"accepted": True, "reason": "?"}
    assert door.post(answer, path=f"{path}/measures/{measure_id}/answer").status_code == 404
    assert not may(door)


def objection(door: Door, measure_id: str, account: str = CHEN, **more: Any) -> Any:
    body = {"account_id": account, "statement": "主管同意的<i>"} | more
    return door.post(body, path=f"/v1/measures/{measure_id}/objection")


def reply(door: Door, measure_id: str, *, accepted: bool) -> Any:
    body = {"administrator": BOSS, "accepted": accepted, "reason": "已核实"}
    return door.post(body, path=f"/v1/enterprises/{E}/measures/{measure_id}/answer")


@pytest.mark.parametrize("accepted", [True, False])
def test_an_objection_goes_to_the_enterprise_and_comes_back_answered(
    door: Door, accepted: bool
) -> None:
    measure_id = order(door).json()["measure"]["id"]
    assert reply(door, measure_id, accepted=True).status_code == 404  # nobody objected
    said = objection(door, measure_id)
    assert (said.status_code, said.json()["accepted"]) == (201, None)
    assert told(door, BOSS)[-1][0] == "objection"
    assert objection(door, measure_id).json()["code"] == "already_final"
    answered = reply(door, measure_id, accepted=accepted)
    assert (answered.status_code, answered.json()["accepted"]) == (200, accepted)
    assert may(door) == accepted
    kind, words = told(door, CHEN)[-1]
    assert kind == "answered"
    assert "已核实" in words
    assert ("限制解除" in words) == accepted
    assert reply(door, measure_id, accepted=True).json()["code"] == "already_final"
    assert door.get("/v1/appeals").json()["items"] == []


def test_an_objection_to_ours_comes_to_us(door: Door) -> None:
    result = block(door)
    (measure,) = (m for m in result["measures"] if m["type"] == "restrict_functions")
    refused = objection(door, measure["id"])
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    path = f"/v1/decisions/{result['decision_id']}/appeals"
    assert door.post({"grounds": "?"}, path=path).status_code == 201


def test_only_the_person_concerned_objects_and_only_while_it_holds(door: Door) -> None:
    measure_id = order(door).json()["measure"]["id"]
    assert objection(door, measure_id, "u-other").status_code == 404
    assert objection(door, measure_id, statement=" ").status_code == 422
    path = f"/v1/enterprises/{E}/measures/{measure_id}/lift"
    assert door.post({"administrator": BOSS}, path=path).status_code == 200
    assert may(door)
    assert objection(door, measure_id).json()["code"] == "already_final"
    assert door.post({"administrator": BOSS}, path=path).json()["code"] == "already_final"


def test_it_ends_by_itself_when_its_term_is_over(door: Door) -> None:
    order(door)
    door.clock.move(days=7, seconds=1)
    from service.enforcement.flow import end_terms
    from service.kernel.db import WRITES

    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        assert end_terms(conn, door.clock.now(), 100) == 1
    state = door.get(f"/v1/enterprises/{E}/measures").json()["items"][0]["measure"]["state"]
    assert state in ("expired", "cancelled")


def test_both_do_it_on_their_own_pages(door: Door) -> None:
    door.post({"text": "好", "account": {"id": CHEN, "enterprise_id": E}, "data_id": "seen"})
    block(door, CHEN)
    boss, chen = link(door, BOSS), link(door, CHEN)
    form = {
        "enterprise_id": E,
        "account_id": CHEN,
        "f.leads.outreach": "1",
        "term": "P30D",
        "why": "未经审批<b>",
    }

    def send(path: str, **body: str) -> Any:
        return door.client.post(f"{path}?lang=zh", data=body)

    stranger = send(f"{boss}/people", **form | {"account_id": "u-stranger"})
    assert (stranger.status_code, "只能限制本企业" in stranger.text) == (403, True)
    blank = send(f"{boss}/people", **form | {"why": " "})
    assert (blank.status_code, "请写明理由" in blank.text) == (422, True)
    no_function = send(f"{boss}/people", **{k: v for k, v in form.items() if k[:2] != "f."})
    assert (no_function.status_code, "至少选择一项功能" in no_function.text) == (422, True)
    done = send(f"{boss}/people", **form)
    assert done.headers["location"].endswith("said=restricted")
    assert not may(door)
    measure_id = door.get(f"/v1/enterprises/{E}/measures").json()["items"][0]["measure"]["id"]
    shown = door.client.get(f"{chen}?lang=zh").text
    assert "未经审批&lt;b&gt;" in shown
    assert "向企业提出异议" in shown
    assert "企业成员" not in shown
    said = send(f"{chen}/measures/{measure_id}/objection", statement="主管同意的<i>")
    assert said.headers["location"].endswith("said=objected")
    assert "主管同意的&lt;i&gt;" in door.client.get(f"{boss}?lang=zh").text
    foreign = send(f"{chen}/people/{measure_id}/answer", enterprise_id=E, reason="我自己同意")
    assert foreign.status_code == 403
    path = f"{boss}/people/{measure_id}/answer"
    assert send(path, enterprise_id=E, reason=" ", accepted="yes").status_code == 422
    answered = send(path, enterprise_id=E, reason="同意", accepted="yes")
    assert answered.headers["location"].endswith("said=replied")
    assert may(door)
    assert "企业接受异议" in door.client.get(f"{chen}?lang=zh").text
    over = send(f"{boss}/people/{measure_id}/lift", enterprise_id=E)
    assert (over.status_code, "限制已经结束" in over.text) == (409, True)
    for unknown in ("x", "01a20244-e800-7000-8000-000000000000"):
        assert send(f"{boss}/people/{unknown}/lift", enterprise_id=E).status_code == 404
    elsewhere = door.client.post(
        f"{boss}/people", data=form, headers={"origin": "https://elsewhere.example"}
    )
    assert elsewhere.status_code == 403
