"""Every endpoint with every caller: nobody, keys of each scope, people of each role.

`who_may.tsv` beside this file is the specification; a route that it does not name fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from doors import START, Door, open_door
from served import list_routes

from service.access import people_store
from service.access.model import Role, Scope, SessionKind
from service.access.sessions import make_session
from service.access.visitors import derive_csrf
from service.kernel.db import WRITES

UNKNOWN = "01a20244-e800-7000-8000-000000000000"
FILLED = {"function": "im.send"}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    method: str
    path: str
    scopes: frozenset[str]
    roles: frozenset[str]
    is_open: bool

    @property
    def is_page(self) -> bool:
        return not self.path.startswith("/v1/")

    @property
    def address(self) -> str:
        return re.sub(r"{(\w+)(:\w+)?}", lambda m: FILLED.get(m[1], UNKNOWN), self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def read_rows() -> list[Row]:
    rows = []
    for line in Path(__file__).with_name("who_may.tsv").read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        method, path, scopes, roles = line.split("\t")
        rows.append(
            Row(
                method,
                path,
                frozenset() if scopes in "-*" else frozenset(scopes.split(",")),
                frozenset(Role) if roles == "all" else frozenset(roles.split(",")) - {"-"},
                scopes == "*",
            )
        )
    return rows


ROWS = read_rows()
GUARDED = [row for row in ROWS if not row.is_open]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("who-may")) as opened:
        yield opened


def come_in(door: Door, role: str, kind: SessionKind) -> str:
    """A token of its own for one request, since a request may end its session."""
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        person = people_store.find_person(conn, f"a.{role}")
        assert person is not None
        token, session = make_session(person, kind, now=START)
        people_store.insert_session(conn, session)
    return token


def send(door: Door, row: Row, token: str = "", cookie: str = "") -> Any:
    """An empty but well-formed request: what matters is who sends it."""
    door.client.cookies.clear()
    if cookie:
        door.client.cookies.set("session", cookie)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body: dict[str, Any] = {}
    if row.method in ("POST", "PUT", "PATCH"):
        body = {"data": {"csrf": derive_csrf(cookie)}} if row.is_page else {"json": {}}
    return door.client.request(row.method, row.address, headers=headers, **body)


def is_let_in(row: Row, answer: Any) -> bool:
    if row.is_page:
        return answer.status_code not in (401, 403) and not is_sent_to_sign_in(answer)
    return answer.status_code not in (401, 403)


def is_sent_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?")


def test_the_table_names_every_route_and_no_other(door: Door) -> None:
    served = set(list_routes(door.client.app.routes))  # type: ignore[attr-defined]
    named = [(row.method, row.path) for row in ROWS]
    assert sorted(served) == sorted(named), "add the route to who_may.tsv: who may call it?"


def test_the_table_names_only_scopes_and_roles_that_exist() -> None:
    for row in ROWS:
        assert row.scopes <= set(Scope)
        assert row.roles <= set(Role)


@pytest.mark.parametrize("row", GUARDED, ids=str)
def test_nobody_is_let_in_unknown(door: Door, row: Row) -> None:
    for answer in (send(door, row), send(door, row, token="mod_" + "A" * 43)):
        if row.is_page:
            assert is_sent_to_sign_in(answer)
        else:
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("row", GUARDED, ids=str)
@pytest.mark.parametrize("scope", Scope)
def test_a_key_opens_what_its_scope_says(door: Door, row: Row, scope: Scope) -> None:
    answer = send(door, row, token=door.keys[f"a:{scope}"])
    if row.is_page:
        assert is_sent_to_sign_in(answer)
    elif scope in row.scopes:
        assert is_let_in(row, answer), answer.text
    else:
        expected = "forbidden" if row.scopes else "person_required"
        assert (answer.status_code, answer.json()["code"]) == (403, expected)


@pytest.mark.parametrize("row", GUARDED, ids=str)
@pytest.mark.parametrize("role", Role)
def test_a_person_does_what_their_role_may(door: Door, row: Row, role: Role) -> None:
    if row.is_page:
        answer = send(door, row, cookie=come_in(door, role, SessionKind.WEB))
    else:
        answer = send(door, row, token=come_in(door, role, SessionKind.API))
    if role in row.roles:
        assert is_let_in(row, answer), answer.text
    else:
        assert answer.status_code == 403
        assert row.is_page or answer.json()["code"] == "forbidden"


@pytest.mark.parametrize("row", [row for row in GUARDED if not row.is_page], ids=str)
def test_a_cookie_opens_no_call_so_that_no_other_site_can_make_a_browser_call(
    door: Door, row: Row
) -> None:
    cookie = come_in(door, min(row.roles, default="senior_reviewer"), SessionKind.WEB)
    for answer in (send(door, row, cookie=cookie), send(door, row, token=cookie)):
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "row", [row for row in GUARDED if row.is_page and row.method != "GET"], ids=str
)
def test_a_form_of_another_site_does_nothing(door: Door, row: Row) -> None:
    cookie = come_in(door, min(row.roles), SessionKind.WEB)
    door.client.cookies.clear()
    door.client.cookies.set("session", cookie)
    answer = door.client.post(
        row.address,
        data={"csrf": derive_csrf(cookie)},
        headers={"origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_open], ids=str)
def test_what_is_open_asks_nobody_who_they_are(door: Door, row: Row) -> None:
    answer = send(door, row)
    assert answer.status_code != 403
    if not row.is_page:
        assert answer.status_code != 401
