"""The public page of reports in Chromium: filed and asked about on a phone; axe on both widths."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
PHONE = {"viewport": {"width": 360, "height": 740}}
DESK = {"viewport": {"width": 1280, "height": 900}}


@pytest.mark.parametrize("options", [PHONE, DESK | {"color_scheme": "dark"}], ids=["phone", "desk"])
def test_a_report_is_filed_and_its_receipt_asked_about(open_page: Open, options: object) -> None:
    page = open_page(java_script_enabled=False, **dict(options))  # type: ignore[call-overload]
    page.goto("/report?tenant=demo&lang=zh")
    page.get_by_label("第三方").check()
    page.get_by_label("姓名或单位名称").fill("某公司 {{7*7}} <b>")
    page.get_by_label("联系方式").fill("legal@example.com")
    page.get_by_label("被举报内容的编号").fill("msg-" + "长" * 60)
    page.get_by_label("事实与理由").fill("请核实。")
    proof = {"name": "登记证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    page.get_by_label("附件").set_input_files([proof])  # type: ignore[list-item]
    page.get_by_role("button", name="提交").click()
    receipt = page.locator("code.digest").inner_text()
    assert receipt not in page.url
    page.get_by_label("回执").fill(receipt)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("status")).to_contain_text("正在处理")
    assert receipt not in page.url


@pytest.mark.parametrize("options", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_is_accessible_and_fits(open_page: Open, options: object) -> None:
    page = open_page(**dict(options))  # type: ignore[call-overload]
    page.goto("/report?tenant=demo&lang=en")
    assert Axe().run(page).response["violations"] == []
    wide = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    assert not wide
