"""Appeals in Chromium: claim, write, overturn, and see the function free again; a phone; axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from looking import PHONE, barriers, enter, let_in, overflow
from playwright.sync_api import APIRequestContext, Page, Playwright, expect

from service.access.model import Role

pytestmark = pytest.mark.browser

ADVERT = "注册送彩金，真人荷官在线发牌"
HOSTILE = "<img src=x onerror=alert(1)> {{7*7}} \u202egnp.exe\u202c " + "长" * 300 + "x" * 2000

Open = Callable[..., Page]
_numbers = count(1)


@pytest.fixture(scope="session")
def appeal_key(base_url: str, service_store: str) -> str:
    """An appeal reviewer of the service; a key of their tenant."""
    return let_in(service_store, {"appeal.sun": Role.APPEAL_REVIEWER})


@pytest.fixture
def api(playwright: Playwright, base_url: str, appeal_key: str) -> Iterator[APIRequestContext]:
    made = playwright.request.new_context(
        base_url=base_url, extra_http_headers={"Authorization": f"Bearer {appeal_key}"}
    )
    yield made
    made.dispose()


def contest(api: APIRequestContext, account: str, grounds: str = "这是反赌博的宣传。") -> Any:
    """Has a text blocked and contested; the appeal."""
    body = {"text": ADVERT, "data_id": f"ap-{next(_numbers)}", "account": {"id": account}}
    found = api.post("/v1/moderations", data=body).json()
    assert found["verdict"] == "block"
    path = f"/v1/decisions/{found['decision_id']}/appeals"
    answer = api.post(path, data={"grounds": grounds, "evidence": ["完整的宣传稿"]})
    assert answer.status == 201
    return answer.json()


def may_send(api: APIRequestContext, account: str) -> bool:
    return bool(api.get(f"/v1/accounts/{account}/functions/im.send").json()["allowed"])


@pytest.mark.parametrize("javascript", [True, False])
def test_an_appeal_is_claimed_answered_and_overturned(
    open_page: Open, api: APIRequestContext, javascript: bool
) -> None:
    account = f"appeal-walk-{javascript}"
    appeal = contest(api, account)
    assert not may_send(api, account)
    page = open_page(java_script_enabled=javascript)
    enter(page, "appeal.sun", "/review/appeals")
    page.locator(f"a[href*='{appeal['id']}']").click()
    expect(page.get_by_text("这是反赌博的宣传。")).to_be_visible()
    expect(page.locator("#shown-text")).to_have_count(0)
    page.get_by_role("button", name="领取").click()
    expect(page.get_by_role("status")).to_contain_text("已领取")
    expect(page.locator("#shown-text mark").first).to_have_text("注册送彩金")
    page.locator("#text").fill("请补充完整的上下文。")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("请补充完整的上下文。")).to_be_visible()
    page.get_by_label("撤销", exact=True).check()
    page.locator("#ruling-reasons").fill("引用的是反面例子。")
    page.get_by_role("button", name="提交裁定").click()
    expect(page.get_by_role("status")).to_contain_text("已裁定")
    expect(page.locator("#outcome-title + .outcome")).to_have_text("撤销")
    assert may_send(api, account)


@pytest.mark.parametrize("state", ["queue", "open", "claimed", "refused"])
def test_no_barrier_on_any_page(
    open_page: Open, api: APIRequestContext, watch: Any, state: str
) -> None:
    appeal = contest(api, f"axe-{state}", HOSTILE if state == "claimed" else "不是。")
    page = open_page()
    enter(
        page,
        "appeal.sun",
        "/review/appeals" if state == "queue" else f"/review/appeals/{appeal['id']}",
    )
    if state in ("claimed", "refused"):
        page.get_by_role("button", name="领取").click()
    if state == "refused":
        page.get_by_label("变更", exact=True).check()
        page.locator("#ruling-reasons").fill("改轻。")
        page.get_by_role("button", name="提交裁定").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("#ruling-reasons")).to_have_value("改轻。")
        assert "422" in watch.complaints.pop()  # which the browser reports itself
    assert barriers(page) == []


def test_it_fits_a_phone_whatever_the_appellant_wrote(
    open_page: Open, api: APIRequestContext
) -> None:
    appeal = contest(api, "appeal-phone", HOSTILE)
    page = open_page(**PHONE)
    enter(page, "appeal.sun", f"/review/appeals/{appeal['id']}")
    page.get_by_role("button", name="领取").click()
    for path in ("/review/appeals", f"/review/appeals/{appeal['id']}"):
        page.goto(f"{path}?lang=zh")
        wide = overflow(page)
        assert wide <= 0
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("javascript", [True, False])
def test_an_account_contests_on_its_own_page_with_a_phone(
    open_page: Open, api: APIRequestContext, base_url: str, javascript: bool
) -> None:
    account = f"own-page-{javascript}"
    body = {"text": ADVERT, "data_id": f"ap-{next(_numbers)}", "account": {"id": account}}
    assert api.post("/v1/moderations", data=body).json()["verdict"] == "block"
    url = api.post(f"/v1/accounts/{account}/links", data={}).json()["url"]
    page = open_page(java_script_enabled=javascript, **PHONE)
    page.goto(f"{base_url}{url[url.index('/my/') :]}?lang=zh")
    page.get_by_text("对此决定提出申诉").click()
    page.get_by_label("您认为决定错在哪里？").fill(HOSTILE)
    page.get_by_role("button", name="提交申诉").click()
    expect(page.get_by_role("status")).to_contain_text("已收到您的申诉")
    page.get_by_label("补充说明").fill(HOSTILE)
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("status")).to_contain_text("已发送")
    expect(page.get_by_text("等待处理")).to_be_visible()
    if javascript:
        assert overflow(page) <= 0
        assert barriers(page) == []
    assert page.locator("img").count() == 0
