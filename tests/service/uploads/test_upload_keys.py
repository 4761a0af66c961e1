"""Idempotency-Key at the door of uploads: the same request again gives the upload that stands."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from doors import open_door
from fixtures.stores import STORES
from fixtures.uploads import Uploading
from sqlalchemy import func, select

from service.app import create_app
from service.uploads.tables import upload_arrivals, uploads


def count(uploading: Uploading) -> tuple[int, int]:
    """Uploads, and files that are expected."""
    with uploading.door.services.engine.connect() as conn:
        found = [
            conn.scalar(select(func.count()).select_from(table))
            for table in (uploads, upload_arrivals)
        ]
    return int(found[0] or 0), int(found[1] or 0)


def test_the_same_key_and_file_give_the_same_upload(uploading: Uploading) -> None:
    first = uploading.send("坏", key="k", account={"id": "u-1"})
    again = uploading.send("坏", key="k", account={"id": "u-1"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert count(uploading) == (1, 0)
    assert uploading.stored() == [first.json()["upload_id"]]


def test_once_judged_the_same_request_tells_the_result(uploading: Uploading) -> None:
    first = uploading.send("坏", key="k")
    uploading.work()
    judged = uploading.door.judge.judged
    again = uploading.send("坏", key="k", wait=5)
    assert (again.status_code, again.json()["upload_id"]) == (200, first.json()["upload_id"])
    assert again.json()["result"]["verdict"] == "block"
    uploading.work()
    assert uploading.door.judge.judged == judged


@pytest.mark.parametrize(
    "other",
    [
        {"content": "坏 "},
        {"name": "b.txt"},
        {"declared": "text/html"},
        {"account": {"id": "u-2"}},
        {"account": {"id": "u-1"}, "data_id": "f-1"},
    ],
)
def test_the_same_key_and_another_request_are_a_conflict(
    uploading: Uploading, other: dict[str, Any]
) -> None:
    said: dict[str, Any] = {"content": "坏", "account": {"id": "u-1"}}
    first = uploading.send(key="k", **said)
    answer = uploading.send(key="k", **said | other)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")
    assert uploading.stored() == [first.json()["upload_id"]]
    assert count(uploading) == (1, 0)


def test_a_message_and_a_file_share_no_key(uploading: Uploading) -> None:
    uploading.send("坏", key="k")
    assert uploading.door.post({"text": "坏"}, idempotency_key="k").status_code == 409
    uploading.door.post({"text": "坏"}, idempotency_key="m")
    assert uploading.send("坏", key="m").json()["code"] == "idempotency_conflict"


def test_keys_of_tenants_are_independent_and_lapse_after_a_day(uploading: Uploading) -> None:
    first = uploading.send("坏", key="k").json()
    assert uploading.send("好", key="k", tenant="b").status_code == 202
    uploading.door.clock.move(hours=23, minutes=59)
    assert uploading.send("坏", key="k").json() == first
    uploading.door.clock.move(minutes=1)
    assert uploading.send("好", key="k").json() != first


def test_a_known_file_under_a_new_key_is_what_that_key_gives(uploading: Uploading) -> None:
    first = uploading.send("坏", data_id="f-1").json()
    assert uploading.send("坏", data_id="f-1", key="k").json() == first
    uploading.judged("好", data_id="f-1")
    again = uploading.send("坏", data_id="f-1", key="k")  # not a third revision
    assert (again.status_code, again.json()["upload_id"]) == (200, first["upload_id"])


def test_a_refused_file_does_not_use_up_its_key(uploading: Uploading) -> None:
    assert uploading.send("坏", key="k", data_id="").status_code == 422
    assert uploading.send("坏", key="k", data_id="f").status_code == 202


def test_a_repeated_request_needs_no_room(tmp_path: Path) -> None:
    with open_door(tmp_path, upload_quota_bytes=10) as door:
        uploading = Uploading(door)
        first = uploading.send(b"x" * 10, key="k")
        assert uploading.send(b"y", key="other").status_code == 429
        assert uploading.send(b"x" * 10, key="k").json() == first.json()


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 256, "\x7f"])
def test_a_key_that_cannot_be_is_refused(uploading: Uploading, key: str) -> None:
    answer = uploading.send("坏", key=key)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "wrong_key")
    assert uploading.stored() == []


@pytest.mark.parametrize("kind", STORES)
def test_many_at_once_under_one_key_are_one_upload(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    with open_door(tmp_path, url=url) as door:
        uploading = Uploading(door)

        async def send_all() -> list[httpx2.Response]:
            transport = httpx2.ASGITransport(app=create_app(door.services))
            headers = door.auth() | {"Idempotency-Key": "k"}
            async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
                sent = (
                    client.post("/v1/uploads", files={"file": ("a.txt", b"x")}, headers=headers)
                    for _ in range(20)
                )
                return await asyncio.gather(*sent)

        answers = asyncio.run(send_all())
        assert {answer.status_code for answer in answers} == {202}
        (upload_id,) = {answer.json()["upload_id"] for answer in answers}
        assert [a.headers.get("idempotent-replay") for a in answers].count(None) == 1
        assert uploading.stored() == [upload_id]
        assert count(uploading) == (1, 0)
