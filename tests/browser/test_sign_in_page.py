"""Signing in and out in Chromium: with the keyboard, in both languages, small, dark, no script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from service.access.model import Role
from service.access.passwords import Passwords
from service.access.people import create_person
from service.kernel.clock import SystemClock
from service.kernel.db import WRITES, open_engine

pytestmark = pytest.mark.browser

PASSWORD = "eight words of a long pass phrase"
PHONE = {"viewport": {"width": 360, "height": 740}}

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def somebody(base_url: str, service_store: str) -> str:
    """The name of a reviewer of the service."""
    engine = open_engine(service_store)
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        hashed = Passwords().hash(PASSWORD)
        now = SystemClock().now()
        create_person(conn, "demo", "browser.ada", Role.REVIEWER, password_hash=hashed, now=now)
    engine.dispose()
    return "browser.ada"


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.locator("#username").fill(name)
    page.locator("#password").fill(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("javascript", [True, False])
def test_one_signs_in_with_the_keyboard_sees_ones_name_and_signs_out(
    open_page: Open, somebody: str, javascript: bool
) -> None:
    page = open_page(java_script_enabled=javascript)
    page.goto("/sign-in?lang=en&next=/try")
    expect(page.locator("#username")).to_be_focused()
    sign_in(page, somebody)
    expect(page.locator(".visitor")).to_contain_text("browser.ada")
    expect(page.locator(".visitor")).to_contain_text("Reviewer")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("You have signed out.")
    page.goto("/try?lang=en")
    expect(page.locator(".visitor")).to_have_count(0)


def test_a_wrong_password_is_said_and_the_name_kept(
    open_page: Open, somebody: str, watch: Any
) -> None:
    page = open_page()
    page.goto("/sign-in?lang=en")
    sign_in(page, somebody, "wrong")
    expect(page.get_by_role("alert")).to_have_text("The username or the password is wrong.")
    expect(page.locator("#username")).to_have_value(somebody)
    expect(page.locator("#password")).to_have_value("")
    expect(page.locator("#password")).to_be_focused()
    watch.complaints.clear()  # the browser's own note of the 401


def test_the_session_stands_in_no_address_and_no_script_sees_it(
    open_page: Open, somebody: str
) -> None:
    page = open_page()
    page.goto("/sign-in?next=/try")
    sign_in(page, somebody)
    expect(page.locator(".visitor")).to_be_visible()
    assert page.evaluate("document.cookie") == ""
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert cookie["value"] not in page.url
    assert cookie["value"] not in page.content()


@pytest.mark.parametrize("options", [{}, PHONE, {"color_scheme": "dark"}], ids=str)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_are_accessible_and_nothing_sticks_out(
    open_page: Open, somebody: str, lang: str, options: dict[str, Any]
) -> None:
    page = open_page(**options)
    for signs_in in (False, True):
        page.goto(f"/sign-in?lang={lang}&next=/try")
        if signs_in:
            sign_in(page, somebody)
            expect(page.locator(".visitor")).to_be_visible()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.evaluate("window.innerWidth")
