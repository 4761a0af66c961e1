"""Review in Chromium: claim, decide, see a function restricted, lift it, see it free."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from looking import PHONE, barriers, enter, let_in
from playwright.sync_api import APIRequestContext, Page, Playwright, expect

from service.access.model import Role

pytestmark = pytest.mark.browser

ADVERT = "注册送彩金，真人荷官在线发牌"
HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script> {{7*7}} \u202egnp.exe\u202c"
    " 注\u200b册\u200b送彩金 " + "长" * 300 + "x" * 2000
)
HOSTILE_ACCOUNT = "u-<b>2</b>/?x#y" + "z" * 100

Open = Callable[..., Page]
Block = Callable[..., Any]
_numbers = count(1)


@pytest.fixture(scope="session")
def reviewers(base_url: str, service_store: str) -> str:
    """A reviewer and a senior reviewer of the service; a key of their tenant."""
    return let_in(service_store, {"review.li": Role.REVIEWER, "review.zhao": Role.SENIOR_REVIEWER})


@pytest.fixture
def api(playwright: Playwright, base_url: str, reviewers: str) -> Iterator[APIRequestContext]:
    made = playwright.request.new_context(
        base_url=base_url, extra_http_headers={"Authorization": f"Bearer {reviewers}"}
    )
    yield made
    made.dispose()


@pytest.fixture
def block(api: APIRequestContext) -> Block:
    """Has a text blocked; the result."""

    def block_(account: str, text: str = ADVERT) -> Any:
        body = {"text": text, "data_id": f"r-{next(_numbers)}", "account": {"id": account}}
        answer = api.post("/v1/moderations", data=body).json()
        assert answer["verdict"] == "block"
        return answer

    return block_


def may_send(api: APIRequestContext, account: str) -> bool:
    return bool(api.get(f"/v1/accounts/{account}/functions/im.send").json()["allowed"])


def choose(page: Page, outcome: str, why: str) -> None:
    page.get_by_label(outcome, exact=True).check()
    page.locator("#rationale").fill(why)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_case_is_claimed_decided_and_its_measure_lifted(
    open_page: Open, api: APIRequestContext, block: Block, javascript: bool
) -> None:
    account = f"walk-{javascript}"
    case_id = block(account)["case"]["id"]
    page = open_page(java_script_enabled=javascript)
    enter(page, "review.li", "/review")
    page.locator(f"a[href*='{case_id}']").click()
    expect(page.locator("#shown-text")).to_have_count(0)
    page.get_by_role("button", name="领取").click()
    expect(page.get_by_role("status")).to_contain_text("已领取")
    expect(page.locator("#shown-text mark").first).to_have_text("注册送彩金")
    choose(page, "违规", "公开招揽赌博。")
    for box in page.locator("input[type=checkbox]").all():
        shape = box.bounding_box()
        assert shape is None or shape["width"] < 24  # no wider than its tick
    page.get_by_label("重新设定措施").check()
    page.locator("#content-measure").select_option("withhold_content")
    page.locator("#restrict").select_option("im.send")
    page.get_by_role("button", name="提交裁定").click()
    expect(page.get_by_role("status")).to_contain_text("已裁定")
    expect(page.locator("#ruling-title + .outcome")).to_have_text("违规")
    expect(page.get_by_text("公开招揽赌博。")).to_be_visible()
    assert not may_send(api, account)

    senior = open_page(java_script_enabled=javascript)
    enter(senior, "review.zhao", f"/review/accounts/{account}")
    row = senior.locator(".measure", has_text="限制功能")
    row.get_by_label("理由").fill("已改正")
    row.get_by_role("button", name="解除").click()
    expect(senior.get_by_role("status")).to_contain_text("已解除")
    assert may_send(api, account)


def test_no_violation_takes_everything_back(
    open_page: Open, api: APIRequestContext, block: Block
) -> None:
    case_id = block("walk-back")["case"]["id"]
    assert not may_send(api, "walk-back")
    page = open_page()
    enter(page, "review.li", f"/review/cases/{case_id}")
    page.get_by_role("button", name="领取").click()
    choose(page, "未违规", "是防骗提醒。")
    page.get_by_role("button", name="提交裁定").click()
    expect(page.get_by_role("status")).to_contain_text("已裁定")
    assert may_send(api, "walk-back")


def test_the_second_of_two_is_told_and_nothing_is_lost_of_what_was_typed(
    open_page: Open, block: Block, watch: Any
) -> None:
    case_id = block("walk-two")["case"]["id"]
    first, second = open_page(), open_page()
    for page, name in ((first, "review.li"), (second, "review.zhao")):
        enter(page, name, f"/review/cases/{case_id}")
    first.get_by_role("button", name="领取").click()
    expect(first.get_by_role("status")).to_be_visible()
    second.get_by_role("button", name="领取").click()
    expect(second.get_by_role("alert")).to_contain_text("案件已被他人更改")
    # An old page: the claim was renewed in another window.
    old = first.context.new_page()
    old.goto(f"/review/cases/{case_id}")
    first.get_by_role("button", name="延长").click()
    expect(first.get_by_role("status")).to_contain_text("已延长")
    choose(old, "违规", "写了很久的理由")
    old.get_by_role("button", name="提交裁定").click()
    expect(old.get_by_role("alert")).to_contain_text("案件已被他人更改")
    expect(old.locator("#rationale")).to_have_value("写了很久的理由")
    old.get_by_role("button", name="提交裁定").click()
    expect(old.get_by_role("status")).to_contain_text("已裁定")
    complaints = watch.complaints  # the browser's note of a 409
    assert all("409" in complaint for complaint in complaints)
    complaints.clear()


def test_hostile_text_is_inert_and_does_not_widen_a_small_page(
    open_page: Open, block: Block
) -> None:
    case_id = block(HOSTILE_ACCOUNT, HOSTILE)["case"]["id"]
    page = open_page(**PHONE)
    enter(page, "review.li", f"/review/cases/{case_id}")
    page.get_by_role("button", name="领取").click()
    shown = page.locator("#shown-text")
    expect(shown.locator(".hidden-char").first).to_have_text("U+202E")
    expect(page.locator("main img, main script, main b")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator(".facts a").click()
    expect(page.locator("h1 .account")).to_have_text(HOSTILE_ACCOUNT)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.goto("/review")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_ones_own_account_has_no_buttons(open_page: Open, block: Block) -> None:
    case_id = block("own-review.li")["case"]["id"]
    page = open_page(locale="en-GB")
    enter(page, "review.li", f"/review/cases/{case_id}")
    page.goto(f"/review/cases/{case_id}?lang=en")
    expect(page.get_by_text("content of your own account")).to_be_visible()
    expect(page.locator("main button")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier_stands_in_the_way(open_page: Open, block: Block, scheme: str) -> None:
    case_id = block(f"walk-{scheme}")["case"]["id"]
    page = open_page(color_scheme=scheme, reduced_motion="reduce")
    enter(page, "review.zhao", "/review")
    assert barriers(page) == []
    page.goto(f"/review/cases/{case_id}")
    page.get_by_role("button", name="领取").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert barriers(page) == []
    page.goto(f"/review/accounts/walk-{scheme}?lang=en")
    assert barriers(page) == []


def test_the_keyboard_alone_decides(open_page: Open, block: Block) -> None:
    case_id = block("walk-keys")["case"]["id"]
    page = open_page()
    enter(page, "review.li", f"/review/cases/{case_id}")
    page.get_by_role("button", name="领取").press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_label("违规", exact=True).focus()
    page.keyboard.press("Space")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "rationale":
            break
    page.keyboard.type("招揽赌博")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已裁定")


def test_an_account_explains_itself_on_a_phone_and_a_reviewer_reads_it(
    open_page: Open, block: Block, api: APIRequestContext, scan_all: Callable[[], None]
) -> None:
    result = block("u-explains")
    page = open_page()
    enter(page, "review.li", f"/review/cases/{result['case']['id']}")
    page.get_by_role("button", name="领取").click()
    page.get_by_label("违规", exact=True).check()
    page.get_by_label("要求当事人在期限内说明").check()
    page.get_by_label("问题，每行一个").fill("这条消息是谁发的？")
    page.locator("#rationale").fill("公开招揽")
    page.get_by_role("button", name="提交裁定").click()
    expect(page.get_by_text("等待说明")).to_be_visible()
    assert barriers(page) == []

    link = api.post("/v1/accounts/u-explains/links").json()["url"]
    phone = open_page(**PHONE, java_script_enabled=False)
    phone.goto("/my/" + link.rpartition("/")[2] + "?lang=zh")
    phone.get_by_label("您的说明").fill("账号曾被他人使用 " + "长" * 300)
    asked = phone.locator("section[aria-labelledby=explanations-title]")
    asked.get_by_label("附件").set_input_files(
        {"name": "证明.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    phone.get_by_role("button", name="提交说明").click()
    expect(phone.get_by_role("status")).to_contain_text("已收到您的说明")
    expect(phone.get_by_text("证明.pdf")).to_be_visible()
    width = phone.viewport_size["width"] if phone.viewport_size else 0
    box = phone.locator("main").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width

    seen = open_page()
    seen.goto("/my/" + link.rpartition("/")[2] + "?lang=en")
    assert barriers(seen) == []

    scan_all()
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="证明.pdf").click()
    assert download.value.suggested_filename.endswith(".pdf")
    assert barriers(page) == []
