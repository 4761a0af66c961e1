"""Static files: right types, kept as long as their address holds, and no other file reachable."""

from __future__ import annotations

import re

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from service.web.static_files import PREFIX, StaticApp, static_files, static_url


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=[Mount(PREFIX, StaticApp())]))


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("page.css", "text/css; charset=utf-8"),
        ("try.js", "text/javascript; charset=utf-8"),
        ("favicon.svg", "image/svg+xml"),
    ],
)
def test_a_file_has_its_type_and_may_be_kept_under_its_own_address(
    client: TestClient, name: str, media_type: str
) -> None:
    answer = client.get(static_url(name))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("query", ["", "?v=old", "?v=", "?x=1"])
def test_under_any_other_address_it_is_asked_for_anew(client: TestClient, query: str) -> None:
    assert client.get(f"{PREFIX}/page.css{query}").headers["cache-control"] == "no-cache"


def test_an_unchanged_file_is_not_sent_again(client: TestClient) -> None:
    first = client.get(f"{PREFIX}/page.css")
    again = client.get(
        f"{PREFIX}/page.css", headers={"If-None-Match": f'"x", {first.headers["etag"]}'}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_head_says_what_get_would(client: TestClient) -> None:
    answer = client.head(f"{PREFIX}/try.js")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(static_files()["try.js"].body)


@pytest.mark.parametrize(
    "path", ["", "nothing.css", "../render.py", "..%2frender.py", "%2e%2e/render.py", "a/page.css"]
)
def test_there_is_no_other_file(client: TestClient, path: str) -> None:
    assert client.get(f"{PREFIX}/{path}").status_code == 404


def test_files_are_only_read(client: TestClient) -> None:
    answer = client.post(f"{PREFIX}/page.css")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_no_file_names_another_host() -> None:
    for name, file in static_files().items():
        addresses = re.findall(rb"https?://[^\s\"')]+", file.body)
        assert all(a.startswith(b"http://www.w3.org/") for a in addresses), name
