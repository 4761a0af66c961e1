"""Signing in with a browser: forms, cookies, the way back, and forms that others send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from doors import PASSWORD, Door, open_door
from starlette.testclient import TestClient

from service.access.attempts import FAILURES_OF_NAME
from service.access.visitors import is_own_path
from service.kernel.db import StorageUnavailable
from service.web.render import CONTENT_SECURITY_POLICY


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def submit(
    door: Door, username: str = "a.reviewer", password: str = PASSWORD, *, at: str = "/sign-in"
) -> Any:
    return door.client.post(at, data={"username": username, "password": password})


def csrf_on(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found
    return found[1]


def test_a_page_that_needs_a_role_leads_to_the_form_and_back(door: Door) -> None:
    sent = door.client.get("/try?lang=en&example=1")
    assert sent.status_code == 303
    form = door.client.get(sent.headers["location"])
    assert form.status_code == 200
    (action,) = re.findall(r'<form method="post" action="([^"]*)"', form.text)
    back = submit(door, at=unescape(action))
    assert (back.status_code, back.headers["location"]) == (303, "/try?example=1&lang=en")
    page = door.client.get(back.headers["location"])
    assert page.status_code == 200
    assert "a.reviewer" in page.text
    assert "Reviewer" in page.text


def test_without_a_page_in_mind_one_comes_to_the_first_that_is_open(door: Door) -> None:
    assert submit(door).headers["location"].startswith("/")
    again = door.client.get("/sign-in?lang=en")
    assert (again.status_code, again.headers["location"].endswith("?lang=en")) == (303, True)


def test_the_cookie_is_kept_from_scripts_and_other_sites(door: Door) -> None:
    cookie = submit(door).headers["set-cookie"]
    assert re.fullmatch(r"session=ses_[\w-]{43}; HttpOnly; Path=/; SameSite=lax", cookie)


def test_off_loopback_the_cookie_wants_tls_and_the_page_says_so(door: Door) -> None:
    with_tls = {"host": "moderation.example", "x-forwarded-proto": "https"}
    answer = door.client.post(
        "/sign-in",
        data={"username": "a.reviewer", "password": PASSWORD},
        headers={**with_tls, "origin": "https://moderation.example"},
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=ses_")
    assert "Secure" in cookie
    assert "https" in door.client.get("/sign-in", headers={"host": "10.0.0.8"}).text
    assert "https" not in door.client.get("/sign-in").text


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [
        ("/try", True),
        ("/review/cases/1?lang=en&cursor=a%20b", True),
        ("", False),
        ("try", False),
        ("//elsewhere.example", False),
        ("/\\elsewhere.example", False),
        ("https://elsewhere.example/", False),
        ("/a\r\nSet-Cookie: x=y", False),
        ("/\t/elsewhere.example", False),
        ("/查询", False),
        ("/" + "a" * 3000, False),
    ],
)
def test_signing_in_leads_to_our_own_pages_only(door: Door, path: str, is_ours: bool) -> None:
    assert is_own_path(path) is is_ours
    answer = door.client.post(
        "/sign-in", params={"next": path}, data={"username": "a.auditor", "password": PASSWORD}
    )
    assert answer.status_code == 303
    wanted = path if is_ours else "/"
    assert answer.headers["location"].startswith(wanted.partition("?")[0])
    assert re.fullmatch(r"/[a-z0-9/-]*\?[ -~]*lang=zh", answer.headers["location"])


def test_a_wrong_password_shows_the_form_again_with_the_name_and_without_the_password(
    door: Door,
) -> None:
    answer = submit(door, username='"><script>', password="a secret of mine")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "&#34;&gt;&lt;script&gt;" in answer.text
    assert "a secret of mine" not in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_a_locked_name_is_told_so_politely(door: Door) -> None:
    for _ in range(FAILURES_OF_NAME):
        submit(door, password="wrong")
    answer = submit(door, at="/sign-in?lang=en")
    assert answer.status_code == 429
    assert "15 minutes" in answer.text
    assert answer.headers["retry-after"] == "900"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_a_form_of_another_site_signs_nobody_in_or_out(
    door: Door, path: str, headers: dict[str, str]
) -> None:
    door.sign_in("reviewer")
    answer = door.client.post(
        path, data={"username": "a.auditor", "password": PASSWORD}, headers=headers
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert door.client.get("/try").status_code == 200


def test_a_form_needs_the_token_of_its_own_session(door: Door) -> None:
    door.sign_in("auditor")
    foreign = csrf_on(door.client.get("/try").text)
    door.client.cookies.clear()
    door.sign_in("reviewer")
    own = csrf_on(door.client.get("/try").text)
    for wrong in (
        {"a": "b"},
        {"csrf": ""},
        {"csrf": foreign},
        {"csrf": own + "x"},
        {"csrf": "令牌"},
    ):
        assert door.client.post("/sign-out", data=wrong).status_code == 403
        assert door.client.get("/try").status_code == 200
    assert own not in door.keys.values()
    left = door.client.post("/sign-out", data={"csrf": own})
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in?lang=zh&left=1")


def test_signing_out_ends_the_session_even_for_a_cookie_that_was_kept(door: Door) -> None:
    door.sign_in("reviewer")
    kept = door.client.cookies["session"]
    door.client.post("/sign-out", data={"csrf": csrf_on(door.client.get("/try").text)})
    door.client.cookies.clear()
    door.client.cookies.set("session", kept)
    assert door.client.get("/try").status_code == 303


@pytest.mark.parametrize("token", ["", "x", "ses_" + "A" * 43, "a.reviewer"])
def test_a_cookie_that_opens_nothing_leads_to_the_form(door: Door, token: str) -> None:
    door.client.cookies.set("session", door.keys.get(token, token))
    assert door.client.get("/try").status_code == 303


def test_a_token_of_a_program_is_no_cookie(door: Door) -> None:
    door.client.cookies.set("session", door.keys["a.reviewer"])
    assert door.client.get("/try").status_code == 303


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(door: Door) -> None:
    answer = door.client.post(
        "/try/judgement",
        data={"text": "好"},
        headers={"referer": "http://127.0.0.1/try?lang=en", "origin": "http://127.0.0.1"},
    )
    assert answer.headers["location"] == "/sign-in?lang=zh&next=%2Ftry"
    elsewhere = door.client.post("/try", headers={"referer": "https://elsewhere.example/x"})
    assert elsewhere.headers["location"] == "/sign-in?lang=zh"


@pytest.mark.parametrize("body", [b"username=%FF", b"\xff", b"a=" + b"x" * 9000])
def test_a_form_that_cannot_be_read_is_refused(door: Door, body: bytes) -> None:
    answer = door.client.post(
        "/sign-in",
        content=body,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code in (400, 413)
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", ["reviewer", "tenant_admin", "policy_editor"])
def test_the_frame_names_who_is_signed_in_in_both_languages(
    door: Door, role: str, lang: str
) -> None:
    door.sign_in(role)
    page = door.client.get(f"/try?lang={lang}").text
    assert f"a.{role}" in page
    assert f'action="/sign-out?lang={lang}"' in page


def test_in_demo_mode_the_frame_shows_who_is_in_and_nobody_has_to_be(tmp_path: Path) -> None:
    with open_door(tmp_path, demo=True) as door:
        assert "csrf" not in door.client.get("/try").text
        assert "demo.json" in door.client.get("/sign-in").text
        door.sign_in("reviewer")
        assert "a.reviewer" in door.client.get("/try").text


def test_with_the_store_away_pages_say_so(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(work: object) -> None:
        raise StorageUnavailable("away")

    door.sign_in("reviewer")
    monkeypatch.setattr(door.services.readers, "run", fail)
    for answer in (door.client.get("/try"), submit(door)):
        assert answer.status_code == 503
        assert answer.headers["content-type"].startswith("text/html")


def test_a_browser_without_cookies_stays_outside(door: Door) -> None:
    submit(door)
    other = TestClient(door.client.app, base_url="http://127.0.0.1", follow_redirects=False)
    assert other.get("/try").status_code == 303
