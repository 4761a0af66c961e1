"""Somebody who looks at pages in Chromium: signs in, measures, and asks axe for barriers."""

from __future__ import annotations

from collections.abc import Mapping

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from service.access.flow import create_key
from service.access.model import Role, Scope
from service.access.passwords import Passwords
from service.access.people import create_person
from service.kernel.clock import SystemClock
from service.kernel.db import WRITES, open_engine

PASSWORD = "eight words of a long pass phrase"
PHONE = {"viewport": {"width": 360, "height": 740}}


def let_in(store: str, people: Mapping[str, Role]) -> str:
    """Make people of the tenant `demo`, each with an account of their own; a key of it."""
    engine = open_engine(store)
    now = SystemClock().now()
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        hashed = Passwords().hash(PASSWORD)
        for name, role in people.items():
            create_person(
                conn, "demo", name, role, password_hash=hashed, now=now, account_id=f"own-{name}"
            )
        _, key = create_key(conn, "demo", Scope, now=now)
    engine.dispose()
    return key


def enter(page: Page, name: str, path: str) -> None:
    """Sign in and go on to a page."""
    page.goto(f"/sign-in?lang=zh&next={path}")
    page.locator("#username").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".visitor")).to_be_visible()


def barriers(page: Page) -> list[str]:
    """What axe calls serious or critical."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [v["id"] for v in found.response["violations"] if v["impact"] in {"serious", "critical"}]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window; needs JavaScript."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wide
