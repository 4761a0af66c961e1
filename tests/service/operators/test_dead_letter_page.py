"""The page of dead letters: who sees it, who may send again, and whose forms it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import Door, open_door

from service.kernel import outbox
from service.kernel.db import WRITES

PAGE = "/deliveries?lang=en"
EVIL = "account:<b>\u202eu</b>"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def bury(door: Door) -> str:
    now, topic = door.clock.now(), "host.deliver:measure.ordered"
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        outbox.put(conn, tenant_id="a", subject=EVIL, topic=topic, ref="m-1", now=now)
        (claim,) = outbox.claim_subjects(conn, now, 10)
        (row,) = outbox.due_rows(conn, claim, now)
        outbox.bury(conn, row, claim, "host_status_500", now)
        outbox.release(conn, claim)
    return row.id


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_what_was_given_up_is_shown_inert(door: Door) -> None:
    bury(door)
    door.sign_in("auditor")
    page = door.client.get(PAGE)
    assert page.status_code == 200
    assert "host_status_500" in page.text
    assert "&lt;b&gt;" in page.text
    assert "\u202e" not in page.text
    assert "Send again" not in page.text


def test_whoever_may_has_it_sent_again_by_the_button(door: Door) -> None:
    letter = bury(door)
    door.sign_in("senior_reviewer")
    page = door.client.get(PAGE).text
    assert "Send again" in page
    path = f"/deliveries/{letter}/redeliver?lang=en"
    sent = door.client.post(path, data={"csrf": csrf(page)})
    assert sent.status_code == 303
    assert "It will be sent again now." in door.client.get(sent.headers["location"]).text
    with door.services.engine.connect() as conn:
        assert outbox.has_due(conn, door.clock.now())
    again = door.client.post(path, data={"csrf": csrf(page)})
    assert "somebody had it sent again" in door.client.get(again.headers["location"]).text


def test_a_form_without_the_sessions_token_sends_nothing(door: Door) -> None:
    letter = bury(door)
    door.sign_in("senior_reviewer")
    answer = door.client.post(f"/deliveries/{letter}/redeliver", data={"csrf": "x"})
    assert answer.status_code == 403
    with door.services.engine.connect() as conn:
        assert not outbox.has_due(conn, door.clock.now())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_list_says_so(door: Door, language: str) -> None:
    door.sign_in("tenant_admin")
    text = door.client.get(f"/deliveries?lang={language}").text
    assert ("全部已送达" if language == "zh" else "Everything has been delivered") in text


@pytest.mark.parametrize("said", ["x", "<b>", "none"])
def test_only_what_the_page_itself_says_stands_on_top(door: Door, said: str) -> None:
    door.sign_in("tenant_admin")
    page = door.client.get("/deliveries", params={"lang": "en", "said": said})
    assert page.status_code == 200
    assert 'role="status"' not in page.text
