"""The page /try in Chromium: as one types, with the keyboard alone, small, dark, without script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser

ADVERT = "注册送彩金，真人荷官在线发牌"
QUOTATION = "您好，附件是本季度的报价单。"
HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script> {{7*7}} \u202egnp.exe\u202c"
    " 注\u200b册\u200b送彩金 " + "长" * 500 + "x" * 3000 + "\n" + "a" + "\u0301" * 200
)
PHONE = {"viewport": {"width": 360, "height": 740}}

Open = Callable[..., Page]


def verdict(page: Page, name: str) -> None:
    expect(page.locator("#answer .verdict")).to_have_attribute("data-verdict", name)


def test_the_verdict_follows_what_is_typed(open_page: Open) -> None:
    page = open_page()
    page.goto("/try")
    box = page.locator("#text")
    expect(page.locator("#submit")).to_be_hidden()
    box.press_sequentially(QUOTATION)
    verdict(page, "allow")
    expect(page.locator("#shown-text")).to_have_text(QUOTATION)
    box.fill(ADVERT)
    verdict(page, "block")
    expect(page.locator(".finding h4")).to_contain_text("赌博")
    expect(page.locator(".finding meter")).to_be_visible()
    expect(page.locator("#reasons")).to_contain_text("疑似违反第3.4.1.7条")
    expect(page.get_by_role("status")).to_contain_text("结论: 拦截")
    page.locator("#clear").click()
    expect(page.locator("#answer .idle")).to_be_visible()
    expect(box).to_be_focused()


def test_a_disguised_advert_is_marked_on_the_right_characters(open_page: Open) -> None:
    page = open_page()
    page.goto("/try")
    page.get_by_role("link", name="加了伪装的广告").click()
    verdict(page, "block")
    expect(page.locator("#shown-text mark")).to_have_text(
        ["注 册 送 彩 金", "真．人．荷．官．在．线．发．牌"]
    )
    expect(page.locator(".evidence").first).to_contain_text("空格隔开")
    assert page.url.endswith("/try")


def test_marks_stand_right_after_characters_of_two_utf_16_units(open_page: Open) -> None:
    page = open_page()
    page.goto("/try")
    page.locator("#text").fill("𠮷野家😀\n注册送彩金😀")
    expect(page.locator("#shown-text mark")).to_have_text(["注册送彩金"])
    expect(page.locator("#count")).to_have_text("11")


def test_switching_the_language_keeps_the_text_out_of_the_address(open_page: Open) -> None:
    page = open_page()
    page.goto("/try")
    page.locator("#text").fill(ADVERT)
    verdict(page, "block")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#text")).to_have_value(ADVERT)
    expect(page.locator(".verdict-word")).to_have_text("Verdict: Block")
    assert page.url.endswith("/try?lang=en")
    page.locator("#text").fill(QUOTATION)
    expect(page.locator(".verdict-word")).to_have_text("Verdict: Allow")


def test_a_browser_that_prefers_english_gets_english(open_page: Open) -> None:
    page = open_page(locale="en-GB")
    page.goto("/try")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_hostile_text_stays_text_and_does_not_widen_a_small_page(open_page: Open) -> None:
    page = open_page(**PHONE)
    page.goto("/try")
    page.locator("#text").fill(HOSTILE)
    verdict(page, "block")
    expect(page.locator("#answer img, #answer script")).to_have_count(0)
    shown = page.locator("#shown-text")
    expect(shown.locator(".hidden-char").first).to_have_text("U+202E")
    assert not set(shown.inner_text()) & {"\u202e", "\u202c", "\u200b"}
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_page_works_without_javascript(open_page: Open) -> None:
    page = open_page(java_script_enabled=False, **PHONE)
    page.goto("/")
    page.get_by_label("消息").fill(ADVERT)
    page.locator("#submit").click()
    verdict(page, "block")
    expect(page.locator("#shown-text mark")).to_have_text(["注册送彩金", "真人荷官在线发牌"])
    expect(page.get_by_label("消息")).to_have_value(ADVERT)
    page.get_by_role("button", name="English").click()
    expect(page.locator(".verdict-word")).to_have_text("Verdict: Block")
    page.get_by_role("link", name="Ordinary quotation").click()
    verdict(page, "allow")


def test_the_keyboard_alone_is_enough(open_page: Open) -> None:
    page = open_page()
    page.goto("/try")
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        if seen[-1] == "text":
            break
    assert seen == ["skip", "language", "language", *["example"] * 5, "text"]
    page.keyboard.type(QUOTATION)
    verdict(page, "allow")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    verdict(page, "review")


def test_a_text_that_is_too_long_is_refused_before_it_is_sent(open_page: Open) -> None:
    page = open_page()
    page.goto("/try")
    page.locator("#text").fill("😀" * 20_001)
    expect(page.locator("#answer .problem")).to_contain_text("这段文字太长")
    page.locator("#text").fill("😀" * 20_000)
    verdict(page, "allow")


def test_a_question_that_is_overtaken_is_given_up(open_page: Open) -> None:
    page = open_page()
    page.goto("/try")
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/try/judgement*", hold_first)
    box = page.locator("#text")
    with page.expect_request("**/try/judgement*"):
        box.fill(ADVERT)
    with page.expect_event("requestfailed") as given_up:
        box.fill(QUOTATION)
    verdict(page, "allow")
    assert given_up.value == held[0].request


def test_an_input_method_at_work_is_not_judged(open_page: Open) -> None:
    page = open_page()
    page.goto("/try")
    box = page.locator("#text")
    box.evaluate(
        """(box, text) => {
          box.value = text;
          box.dispatchEvent(new InputEvent("input", { isComposing: true, bubbles: true }));
        }""",
        ADVERT,
    )
    expect(page.locator("#count")).to_have_text("14")
    expect(page.locator("#answer .idle")).to_be_visible()
    box.dispatch_event("compositionend")
    verdict(page, "block")


def test_a_service_that_is_away_is_said_so_and_can_be_asked_again(
    open_page: Open, watch: Any
) -> None:
    page = open_page()
    page.goto("/try")
    page.route("**/try/judgement*", lambda route: route.abort())
    page.locator("#text").fill(ADVERT)
    expect(page.locator("#answer .problem")).to_contain_text("没能完成判定")
    page.unroute("**/try/judgement*")
    page.locator("#submit").click()
    verdict(page, "block")
    complaints = watch.complaints
    assert all("ERR_FAILED" in complaint for complaint in complaints)
    complaints.clear()


def barriers(page: Page, **options: Any) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"], **options})
    violations = found.response["violations"]
    return [v["id"] for v in violations if v["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize("address", ["/try", "/try?example=2&lang=en"])
def test_no_serious_barrier_stands_in_the_way(open_page: Open, address: str) -> None:
    page = open_page()
    page.goto(address)
    assert barriers(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_verdict_can_be_read_in_the_light_and_in_the_dark(
    open_page: Open, scheme: str
) -> None:
    page = open_page(color_scheme=scheme, reduced_motion="reduce", **PHONE)
    for example, name in ((2, "block"), (4, "review"), (5, "allow")):
        page.goto(f"/try?example={example}&lang={'en' if example == 2 else 'zh'}")
        verdict(page, name)
        assert barriers(page, runOnly=["color-contrast"]) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360
