"""The public page of reports: filed without an account, answered by a receipt, limited, inert."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.kernel.audit import entries_of
from service.reports.attempts import limit_filing

FORM = {
    "kind": "third_party",
    "name": "李四<b>",
    "contact": "li@example.com",
    "data_id": "m-1",
    "statement": "群里有人发布赌博广告",
}
CLAIM = FORM | {
    "clause": "3.4.1.8/intellectual_property",
    "identity": "营业执照 1号",
    "rights": "登记证 2号",
}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def judge(door: Door) -> str:
    """A message of u-1 that a person is to look at; its case."""
    judged = door.post({"text": "疑", "data_id": "m-1", "account": {"id": "u-1"}}).json()
    case_id: str = judged["case"]["id"]
    return case_id


def file(door: Door, tenant: str = "a", lang: str = "zh", **form: str) -> Any:
    return door.client.post(f"/report?tenant={tenant}&lang={lang}", data=form)


def take_receipt(answer: Any) -> str:
    assert answer.status_code == 201, answer.text
    found = re.search(r'class="digest">([\w-]{22})<', answer.text)
    assert found is not None
    return found[1]


def ask(door: Door, receipt: str) -> Any:
    return door.client.post("/report/status?tenant=a&lang=zh", data={"receipt": receipt})


def reports_of(door: Door, case_id: str) -> Any:
    path = f"/v1/cases/{case_id}/reports"
    return door.client.get(path, headers=door.auth_as("reviewer")).json()


def test_whoever_has_no_account_reports_and_hears_what_became_of_it(door: Door) -> None:
    case_id = judge(door)
    page = door.client.get("/report?tenant=a&lang=zh")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    receipt = take_receipt(file(door, **FORM))
    (report,) = reports_of(door, case_id)["items"]
    assert (report["kind"], report["via"], report["data_id"]) == ("third_party", "page", "m-1")
    with door.services.engine.connect() as conn:
        entries = entries_of(conn, "a", ("report", report["id"]))
    assert entries[0].actor.kind == "visitor"
    told = ask(door, f" {receipt} ")
    assert "正在处理" in told.text
    assert receipt not in told.text
    door.sign_in("reviewer")
    shown = door.client.get(f"/review/cases/{case_id}?lang=zh").text
    assert "身份未经核实" in shown
    assert "李四&lt;b&gt;" in shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "user"}, "请选择您的身份"),
        ({"kind": ""}, "请选择您的身份"),
        ({"name": " "}, "请写明姓名"),
        ({"contact": ""}, "请写明联系方式"),
        ({"kind": "authority"}, "请写明文书编号"),
        ({"data_id": ""}, "请写明被举报内容"),
        ({"clause": "9.9"}, "请从列表中选择"),
        ({"clause": "3.4.1.8/intellectual_property"}, "请写明身份证明"),
        ({"statement": ""}, "请写明事实"),
        ({"evidence": "x" * 4_001}, "证据不超过"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    door: Door, change: dict[str, str], said: str
) -> None:
    case_id = judge(door)
    refused = file(door, **FORM | {"statement": "请看一看"} | change)
    assert refused.status_code == 422
    assert said in refused.text
    assert "请看一看" in refused.text or "statement" in change
    assert reports_of(door, case_id)["items"] == []


def test_one_address_files_only_so_often_and_flaws_are_not_counted(door: Door) -> None:
    most = 10
    assert limit_filing()._most == most
    for _ in range(3):
        assert file(door, **FORM | {"name": ""}).status_code == 422
    for number in range(most):
        assert file(door, **FORM | {"contact": f"c-{number}"}).status_code == 201
    refused = file(door, **FORM | {"contact": "another"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    assert "稍后再试" in refused.text
    door.clock.move(hours=1)
    assert file(door, **FORM | {"contact": "another"}).status_code == 201


def test_whoever_claims_to_be_an_authority_is_counted_like_anybody(door: Door) -> None:
    form = FORM | {"kind": "authority", "document": "1号"}
    for hour in range(21):
        answer = file(door, **form)
        assert answer.status_code == (201 if hour < 20 else 429), hour
        door.clock.move(hours=1 if hour % 9 == 8 else 0)


@pytest.mark.parametrize("query", ["", "?tenant=", "?tenant=nobody", "?tenant=" + "a" * 65])
def test_without_a_tenant_there_is_no_page(door: Door, query: str) -> None:
    assert door.client.get(f"/report{query}").status_code == 404
    assert door.client.post(f"/report{query}", data=FORM).status_code == 404


def test_an_unknown_receipt_and_a_form_of_another_site(door: Door) -> None:
    for receipt in ("A" * 22, "x", "é" * 22):
        answer = ask(door, receipt)
        assert (answer.status_code, "没有此回执" in answer.text) == (404, True)
    foreign = door.client.post(
        "/report?tenant=a", data=FORM, headers={"origin": "https://elsewhere.example"}
    )
    assert foreign.status_code == 403


def link(door: Door, account: str = "u-1") -> str:
    made = door.client.post(f"/v1/accounts/{account}/links", headers=door.auth())
    path: str = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    return path


def state(door: Door, page: str, case_id: str, statement: str = "图片是我拍的<i>") -> Any:
    return door.client.post(
        f"{page}/claims/{case_id}?lang=zh", data={"statement": statement, "evidence": "原件"}
    )


def test_the_accused_hears_of_a_claim_and_states_their_side(door: Door) -> None:
    case_id = judge(door)
    receipt = take_receipt(file(door, **CLAIM))
    take_receipt(file(door, **CLAIM | {"contact": "second"}))
    page = link(door)
    shown = door.client.get(f"{page}?lang=zh").text
    assert shown.count("侵权投诉通知") == 1  # the second claim is no news
    for said in ("尚未作出任何认定", "提交不侵权声明", "3.4.1.8"):
        assert said in shown, said
    for secret in ("李四", "li@example.com", "营业执照", "群里有人"):
        assert secret not in shown, secret
    sent = state(door, page, case_id)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{page}?lang=zh&said=countered")
    assert "图片是我拍的&lt;i&gt;" in door.client.get(f"{page}?lang=zh").text
    assert state(door, page, case_id).status_code == 409
    said = reports_of(door, case_id)["counter_statement"]
    assert (said["statement"], said["evidence"]) == ("图片是我拍的<i>", ["原件"])
    door.sign_in("reviewer")
    case = door.client.get(f"/review/cases/{case_id}?lang=zh").text
    assert "被投诉人的不侵权声明" in case
    assert "图片是我拍的&lt;i&gt;" in case
    told = ask(door, receipt).text
    assert "对方已提交不侵权声明" in told
    assert "图片是我拍的" not in told


def test_only_a_claim_by_somebody_without_an_account_is_told_of(door: Door) -> None:
    case_id = judge(door)
    take_receipt(file(door, **FORM))
    page = link(door)
    assert "侵权投诉" not in door.client.get(f"{page}?lang=zh").text
    assert state(door, page, case_id).status_code == 404


def test_once_it_is_decided_or_of_another_account_nothing_is_stated(door: Door) -> None:
    case_id = judge(door)
    file(door, **CLAIM)
    assert state(door, link(door, "u-2"), case_id).status_code == 404
    assert state(door, link(door), "x").status_code == 404
    assert state(door, link(door), case_id, " ").status_code == 422
    version = door.get(f"/v1/cases/{case_id}").json()["version"]
    who = door.auth_as("reviewer")
    door.client.post(f"/v1/cases/{case_id}/claim", json={"version": version}, headers=who)
    finding = {"version": version + 1, "outcome": "no_violation", "rationale": "?"}
    door.client.post(f"/v1/cases/{case_id}/decide", json=finding, headers=who)
    assert state(door, link(door), case_id).status_code == 409
    assert "已作出决定" in door.client.get(f"{link(door)}?lang=zh").text


def test_a_platform_states_it_for_its_user(door: Door) -> None:
    case_id = judge(door)
    file(door, **CLAIM)
    path = f"/v1/cases/{case_id}/counter-statements"
    body = {"account_id": "u-1", "statement": "是我拍的", "evidence": "原件"}
    wrong = door.post(body | {"account_id": "u-2"}, path=path)
    assert (wrong.status_code, wrong.json()["code"]) == (404, "not_found")
    blank = door.post(body | {"statement": ""}, path=path)
    assert blank.json()["errors"] == [{"pointer": "/statement", "code": "empty"}]
    said = door.post(body, path=path)
    assert (said.status_code, said.json()["evidence"]) == (201, ["原件"])
    again = door.post(body, path=path)
    assert (again.status_code, again.json()["code"]) == (409, "already_final")
