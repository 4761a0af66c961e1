"""Documents, files and referrals in Chromium: handed in on a phone, read in review; axe on both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from looking import PHONE, barriers, enter, let_in, overflow
from playwright.sync_api import APIRequestContext, FilePayload, Page, Playwright, expect

from service.access.model import Role

pytestmark = pytest.mark.browser

ADVERT = "注册送彩金，真人荷官在线发牌"
HOSTILE = "<img src=x onerror=alert(1)> {{7*7}} \u202egnp.exe\u202c " + "长" * 60 + "x" * 400
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
BOTH = pytest.mark.parametrize("options", [PHONE, DESK], ids=["phone", "desk"])
PEOPLE = {
    "papers.li": Role.REVIEWER,
    "papers.zhao": Role.SENIOR_REVIEWER,
    "papers.sun": Role.APPEAL_REVIEWER,
    "papers.wu": Role.TENANT_ADMIN,
}

Open = Callable[..., Page]
Scan = Callable[[], None]
_numbers = count(1)


@pytest.fixture(scope="session")
def papers_key(base_url: str, service_store: str) -> str:
    return let_in(service_store, PEOPLE)


@pytest.fixture
def api(playwright: Playwright, base_url: str, papers_key: str) -> Iterator[APIRequestContext]:
    made = playwright.request.new_context(
        base_url=base_url, extra_http_headers={"Authorization": f"Bearer {papers_key}"}
    )
    yield made
    made.dispose()


def paper(name: str = "证明.txt", content: bytes = b"stamped") -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def block(api: APIRequestContext, account: str) -> Any:
    body = {"text": ADVERT, "data_id": f"pa-{next(_numbers)}", "account": {"id": account}}
    found = api.post("/v1/moderations", data=body).json()
    assert found["verdict"] == "block"
    return found


def own_page(api: APIRequestContext, base_url: str, account: str) -> str:
    url: str = api.post(f"/v1/accounts/{account}/links", data={}).json()["url"]
    return f"{base_url}{url[url.index('/my/') :]}"


def claimed_content(api: APIRequestContext, account: str) -> Any:
    """A message that somebody without an account claims to be theirs, with proof."""
    found = block(api, account)
    sent = {
        "kind": "third_party",
        "reporter": {"name": HOSTILE[:200], "contact": account, "identity": "1", "rights": "2"},
        "subject": {"data_id": found["data_id"]},
        "clause": "3.4.1.8/intellectual_property",
        "statement": HOSTILE,
        "attachments": [{"name": HOSTILE, "content": "Li4u"}, {"name": "b.txt", "content": "//8="}],
    }
    assert api.post("/v1/reports", data=sent).status == 201
    return found


@pytest.mark.parametrize("javascript", [True, False])
def test_an_account_appeals_and_writes_with_documents_on_a_phone(
    open_page: Open, api: APIRequestContext, base_url: str, scan_all: Scan, javascript: bool
) -> None:
    account = f"papers-appeal-{javascript}"
    block(api, account)
    page = open_page(java_script_enabled=javascript, **PHONE)
    address = own_page(api, base_url, account)
    page.goto(f"{address}?lang=zh")
    page.get_by_text("对此决定提出申诉").click()
    page.get_by_label("您认为决定错在哪里？").fill("这是反赌博的宣传。")
    page.get_by_label("附件").set_input_files([paper(HOSTILE[:180]), paper("b.txt", b"\xff")])
    page.get_by_role("button", name="提交申诉").click()
    expect(page.get_by_role("status")).to_contain_text("已收到您的申诉")
    expect(page.get_by_text("正在扫描")).to_have_count(2)
    page.get_by_label("补充说明").fill("补充材料。")
    page.get_by_label("附件").set_input_files([paper("更多.txt")])
    page.get_by_role("button", name="发送").click()
    scan_all()
    page.goto(f"{address}?lang=zh")
    with page.expect_download() as saved:
        page.get_by_role("link", name="更多.txt").click()
    assert saved.value.suggested_filename.endswith(".txt")
    expect(page.get_by_text("未能完整读取")).to_have_count(1)
    assert page.locator("img").count() == 0
    if javascript:
        assert overflow(page) <= 0
        assert barriers(page) == []


@BOTH
def test_the_accused_states_their_side_with_documents(
    open_page: Open, api: APIRequestContext, base_url: str, options: dict[str, Any]
) -> None:
    account = f"papers-claim-{options['viewport']['width']}"
    claimed_content(api, account)
    page = open_page(**options)
    page.goto(f"{own_page(api, base_url, account)}?lang=zh")
    claims = page.locator("section[aria-labelledby=claims-title]")
    claims.locator("summary").click()
    claims.locator("textarea").first.fill("由本人创作。")
    claims.get_by_label("附件").set_input_files([paper("原稿.txt")])
    assert barriers(page) == []
    claims.get_by_role("button", name="提交声明").click()
    expect(claims).to_contain_text("原稿.txt")
    assert overflow(page) <= 0
    assert barriers(page) == []


@BOTH
def test_a_reviewer_reads_reports_with_documents(
    open_page: Open, api: APIRequestContext, scan_all: Scan, options: dict[str, Any]
) -> None:
    found = claimed_content(api, f"papers-report-{options['viewport']['width']}")
    scan_all()
    page = open_page(**options)
    enter(page, "papers.li", f"/review/cases/{found['case']['id']}")
    reports = page.locator("section[aria-labelledby=reports-title]")
    with page.expect_download():
        reports.get_by_role("link").first.click()
    expect(reports).to_contain_text("未能完整读取")
    assert overflow(page) <= 0
    assert barriers(page) == []


@BOTH
def test_the_other_reviewer_answers_an_appeal_with_documents(
    open_page: Open, api: APIRequestContext, scan_all: Scan, options: dict[str, Any]
) -> None:
    decision_id = block(api, f"papers-rule-{options['viewport']['width']}")["decision_id"]
    sent = {"grounds": HOSTILE, "attachments": [{"name": HOSTILE, "content": "Li4u"}]}
    appeal = api.post(f"/v1/decisions/{decision_id}/appeals", data=sent).json()
    scan_all()
    page = open_page(**options)
    enter(page, "papers.sun", f"/review/appeals/{appeal['id']}")
    with page.expect_download():
        page.locator("a[download]").click()
    page.locator("#text").fill("请看附件。")
    page.get_by_label("附件").set_input_files([paper("样本.txt")])
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("样本.txt")).to_be_visible()
    assert overflow(page) <= 0
    assert barriers(page) == []


@BOTH
@pytest.mark.parametrize("content", [ADVERT.encode(), b"\xff\xfe\xfd"], ids=["advert", "unread"])
def test_the_page_of_a_case_about_a_file(
    open_page: Open,
    api: APIRequestContext,
    scan_all: Scan,
    options: dict[str, Any],
    content: bytes,
) -> None:
    meta = {"data_id": f"pa-{next(_numbers)}", "account": {"id": f"file-{next(_numbers)}"}}
    sent = {"file": paper(HOSTILE[:240] + ".txt", content), "meta": json.dumps(meta)}
    upload = api.post("/v1/uploads", multipart=cast(Any, sent))
    assert upload.status == 202, upload.text()
    scan_all()
    result = api.get(f"/v1/uploads/{upload.json()['upload_id']}").json()["result"]
    page = open_page(**options)
    enter(page, "papers.li", f"/review/cases/{result['case']['id']}")
    page.get_by_role("button", name="领取").click()
    expect(page.locator("#files-title")).to_be_visible()
    assert page.locator("img").count() == 0
    assert overflow(page) <= 0
    assert barriers(page) == []


@BOTH
def test_a_referral_from_its_form_to_its_approval(
    open_page: Open, api: APIRequestContext, options: dict[str, Any]
) -> None:
    found = block(api, f"papers-refer-{options['viewport']['width']}")
    page = open_page(**options)
    enter(page, "papers.zhao", f"/review/referrals/of/{found['case']['id']}")
    assert barriers(page) == []
    for name in ("authority", "document_number"):
        page.locator(f"[name={name}]").fill(HOSTILE[:250])
    for name in ("legal_basis", "statement"):
        page.locator(f"[name={name}]").fill(HOSTILE)
    page.locator("main form button.primary").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    referral = page.url
    for address in (referral, "/review/referrals", f"/review/cases/{found['case']['id']}"):
        page.goto(address)
        assert overflow(page) <= 0
        assert barriers(page) == []
    other = open_page(**options)
    enter(other, "papers.wu", urlsplit(referral).path)
    expect(other.locator("form button.primary").first).to_be_visible()
    assert overflow(other) <= 0
    assert barriers(other) == []
    assert other.locator("img").count() == 0


@BOTH
def test_an_administrator_instructs_what_becomes_of_records(
    open_page: Open, api: APIRequestContext, base_url: str, options: dict[str, Any]
) -> None:
    account = f"papers-boss-{options['viewport']['width']}"
    told = api.put(f"/v1/enterprises/of-{account}", data={"administrators": [account]})
    assert told.status == 200
    page = open_page(**options)
    page.goto(f"{own_page(api, base_url, account)}?lang=zh")
    page.get_by_text("查看或修改").click()
    page.get_by_label("检查范围： 客户备注").select_option("everything")
    page.get_by_label("直接看到原文").check()
    page.locator("input[type=number]").fill("30")
    assert overflow(page) <= 0
    assert barriers(page) == []
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    page.get_by_text("查看或修改").click()
    expect(page.locator("input[type=number]")).to_have_value("30")
