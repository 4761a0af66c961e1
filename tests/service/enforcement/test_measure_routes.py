"""The calls about measures, through the door: asked, confirmed, lifted, and seen at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx2
import pytest
from doors import START, Door, open_door

from service.app import create_app
from service.decisions.store import get
from service.enforcement import flow
from service.kernel.audit import Actor

ACCOUNT = {"id": "u-1"}
CHECK = "/v1/accounts/u-1/functions/im.send"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def block(door: Door, **fields: Any) -> Any:
    answer = door.post({"text": "坏", "account": ACCOUNT} | fields)
    assert answer.status_code == 200
    return answer.json()


def measure_of(result: Any, kind: str = "restrict_functions") -> Any:
    (found,) = (m for m in result["measures"] if m["type"] == kind)
    return found


def lift(door: Door, measure_id: str, role: str = "senior_reviewer", **body: Any) -> Any:
    return door.client.post(
        f"/v1/measures/{measure_id}/lift",
        json={"reason": "误判"} | body,
        headers=door.auth_as(role),
    )


def receipt(door: Door, measure_id: str, outcome: str = "done", **fields: Any) -> Any:
    path = f"/v1/measures/{measure_id}/receipt"
    return door.post({"outcome": outcome} | fields, path=path)


def test_a_block_restricts_at_once_and_a_lift_frees_at_once(door: Door) -> None:
    assert door.get(CHECK).json() == {"allowed": True, "until": None, "measure_id": None}
    measure = measure_of(block(door))
    assert door.get(CHECK).json() == {
        "allowed": False,
        "until": "2026-11-23T08:00:00Z",
        "measure_id": measure["id"],
    }
    assert door.get("/v1/accounts/u-1/functions/drive.share").json()["allowed"]
    assert door.get("/v1/accounts/u-2/functions/im.send").json()["allowed"]
    assert door.get(CHECK, tenant="b").json()["allowed"]
    assert lift(door, measure["id"]).json()["state"] == "cancelled"
    assert door.get(CHECK).json()["allowed"]


def test_two_blocks_restrict_twice_and_lifting_one_leaves_the_other(door: Door) -> None:
    first, second = (measure_of(block(door, data_id=name)) for name in ("m-1", "m-2"))
    lift(door, second["id"])
    assert door.get(CHECK).json()["measure_id"] == first["id"]


def test_a_measure_is_read_as_the_result_has_it(door: Door) -> None:
    result = block(door, data_id="m-1")
    measure = measure_of(result)
    whole = door.get(f"/v1/measures/{measure['id']}").json()
    assert whole | measure == whole
    assert whole["decision_id"] == result["decision_id"]
    assert (whole["action"], whole["automatic"], whole["reason"]) == (
        "deny_functions",
        True,
        "ladder",
    )


def test_a_measure_of_nobody_or_of_another_tenant_is_not_there(door: Door) -> None:
    measure = measure_of(block(door))
    for path in ("/v1/measures/nothing", f"/v1/measures/{'0' * 36}"):
        assert door.get(path).status_code == 404
    assert door.get(f"/v1/measures/{measure['id']}", tenant="b").status_code == 404


def test_a_receipt_puts_in_force_and_said_twice_changes_nothing(door: Door) -> None:
    measure = measure_of(block(door))
    first = receipt(door, measure["id"], detail="ok")
    assert (first.status_code, first.json()["state"]) == (200, "in_force")
    assert receipt(door, measure["id"]).json() == first.json()
    assert not door.get(CHECK).json()["allowed"]
    assert lift(door, measure["id"]).json()["state"] == "lifting"
    assert door.get(CHECK).json()["allowed"]
    assert receipt(door, measure["id"]).json()["state"] == "lifted"


def test_a_receipt_that_does_not_fit_is_refused(door: Door) -> None:
    measure = measure_of(block(door))
    receipt(door, measure["id"])
    refused = receipt(door, measure["id"], "failed")
    assert (refused.status_code, refused.json()["code"]) == (409, "version_conflict")
    lift(door, measure["id"])
    receipt(door, measure["id"])
    refused = receipt(door, measure["id"], "failed")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_final")


def test_a_failed_measure_denies_nothing(door: Door) -> None:
    measure = measure_of(block(door))
    assert receipt(door, measure["id"], "failed").json()["state"] == "failed"
    assert door.get(CHECK).json()["allowed"]


def test_what_failed_is_ordered_again_by_a_person_and_restricts_again(door: Door) -> None:
    measure = measure_of(block(door))
    path = f"/v1/measures/{measure['id']}/order"
    senior = door.auth_as("senior_reviewer")
    refused = door.client.post(path, headers=senior)
    assert (refused.status_code, refused.json()["code"]) == (409, "version_conflict")
    receipt(door, measure["id"], "failed")
    by_key = door.client.post(path, headers=door.auth())
    assert (by_key.status_code, by_key.json()["code"]) == (403, "person_required")
    ordered = door.client.post(path, headers=senior)
    assert (ordered.status_code, ordered.json()["state"]) == (200, "ordered")
    assert not door.get(CHECK).json()["allowed"]


def test_a_key_lifts_nothing_and_neither_does_a_reviewer(door: Door) -> None:
    measure = measure_of(block(door))
    path = f"/v1/measures/{measure['id']}/lift"
    by_key = door.post({"reason": "x"}, path=path)
    assert (by_key.status_code, by_key.json()["code"]) == (403, "person_required")
    by_reviewer = lift(door, measure["id"], "reviewer")
    assert (by_reviewer.status_code, by_reviewer.json()["code"]) == (403, "forbidden")
    assert lift(door, measure["id"]).status_code == 200
    again = lift(door, measure["id"])
    assert (again.status_code, again.json()["code"]) == (409, "already_final")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"reason": ""}, "/reason"),
        ({"reason": " "}, "/reason"),
        ({"reason": "x" * 2_001}, "/reason"),
        ({"reason": "a\0"}, "/reason"),
        ({"reason": "x", "state": "lifted"}, ""),
        ({"reason": None}, "/reason"),
    ],
)
def test_a_lift_needs_a_reason_and_takes_nothing_else(door: Door, body: Any, pointer: str) -> None:
    refused = lift(door, measure_of(block(door))["id"], **body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert refused.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("path", "status", "pointer"),
    [
        ("/v1/accounts/u-1/functions/fly", 422, "/function"),
        ("/v1/accounts/u-1/functions/IM.SEND", 422, "/function"),
        (f"/v1/accounts/{'x' * 257}/functions/im.send", 422, "/account_id"),
        ("/v1/accounts/u-1/functions/im.send?now=1", 422, ""),
        ("/v1/accounts/functions/im.send", 404, None),
    ],
)
def test_a_wrong_question_is_refused(
    door: Door, path: str, status: int, pointer: str | None
) -> None:
    refused = door.get(path)
    assert refused.status_code == status
    if pointer is not None:
        assert refused.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("name", ["u:1", "*", "'; DROP TABLE measures; --", "u%0D%0A1", "张三"])
def test_any_account_id_is_data(door: Door, name: str) -> None:
    account = unquote(name)
    measure = measure_of(block(door, account={"id": account}))
    found = door.get(f"/v1/accounts/{quote(account, safe='')}/functions/im.send").json()
    assert found["measure_id"] == measure["id"]


def test_a_replay_shows_the_present_state_of_measures_and_case(door: Door) -> None:
    body = {"text": "坏", "data_id": "m-1", "account": ACCOUNT}
    first = door.post(body).json()
    receipt(door, measure_of(first)["id"])
    again = door.post(body)
    assert again.headers["idempotent-replay"] == "true"
    assert measure_of(again.json())["state"] == "in_force"
    assert again.json()["case"] == first["case"]
    batch = door.post({"items": [body]}, path="/v1/moderations/batch").json()["results"][0]
    assert measure_of(batch)["state"] == "in_force"
    read = door.get(f"/v1/decisions/{first['decision_id']}").json()
    listed = door.get("/v1/decisions").json()["items"][0]
    for shown in (read, listed):
        assert shown["measures"] == again.json()["measures"]
        assert shown["case"] == first["case"]


def test_a_block_without_data_id_and_account_withholds_and_opens_a_case(door: Door) -> None:
    result = door.post({"text": "坏"}).json()
    (measure,) = result["measures"]
    assert (measure["type"], measure["account_id"], measure["data_ids"]) == (
        "withhold_content",
        None,
        [],
    )
    assert result["case"]["due_at"] > result["decided_at"]


def test_a_review_opens_a_case_and_leaves_the_content_alone(door: Door) -> None:
    result = door.post({"text": "疑", "account": ACCOUNT}).json()
    assert result["measures"] == []
    assert result["case"] is not None
    assert door.get(CHECK).json()["allowed"]


def test_an_allow_has_neither_measures_nor_case(door: Door) -> None:
    result = door.post({"text": "好", "account": ACCOUNT}).json()
    assert (result["measures"], result["case"]) == ([], None)


def test_an_allow_revision_lifts_what_was_withheld_of_every_revision_before(door: Door) -> None:
    def send(text: str) -> Any:
        return door.post({"text": text, "data_id": "m-1", "account": ACCOUNT}).json()

    first, second = send("坏"), send("很坏")
    send("疑")
    allowed = send("好")
    assert allowed["verdict"] == "allow"
    for result in (first, second):
        found = door.get(f"/v1/decisions/{result['decision_id']}").json()
        states = {m["type"]: m["state"] for m in found["measures"]}
        assert states == {"withhold_content": "cancelled", "restrict_functions": "ordered"}


def test_what_a_person_stands_behind_outlives_an_allow_revision(door: Door) -> None:
    result = block(door, data_id="m-1")
    withheld = measure_of(result, "withhold_content")

    def confirm_by_person(conn: Any) -> None:
        decision = get(conn, "a", result["decision_id"])
        assert decision is not None
        flow.replace(conn, decision.id, decision, None, Actor("person", "p"), START)

    assert door.client.portal is not None
    door.client.portal.call(door.services.commit.run, confirm_by_person)
    assert door.post({"text": "好", "data_id": "m-1", "account": ACCOUNT}).json()["revision"] == 2
    assert door.get(f"/v1/measures/{withheld['id']}").json()["state"] == "ordered"


def test_fifty_at_once_give_one_set_of_measures(door: Door) -> None:
    async def send_at_once() -> list[Any]:
        transport = httpx2.ASGITransport(app=create_app(door.services))
        async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
            body = {"text": "坏", "data_id": "m-1", "account": ACCOUNT}
            posts = (
                client.post("/v1/moderations", json=body, headers=door.auth()) for _ in range(50)
            )
            return list(await asyncio.gather(*posts))

    assert door.client.portal is not None
    answers = [answer.json() for answer in door.client.portal.call(send_at_once)]
    assert len({tuple(m["id"] for m in answer["measures"]) for answer in answers}) == 1
    assert len({answer["case"]["id"] for answer in answers}) == 1


def test_a_restriction_ends_with_its_term_even_before_the_scheduler_says_so(door: Door) -> None:
    block(door)
    door.clock.move(hours=24, seconds=-1)
    assert not door.get(CHECK).json()["allowed"]
    door.clock.move(seconds=1)
    assert door.get(CHECK).json()["allowed"]


def test_an_answer_under_a_key_holds_the_measures_it_ordered(door: Door) -> None:
    body = {"text": "坏", "data_id": "m-1", "account": ACCOUNT}
    first = door.post(body, idempotency_key="k")
    assert len(first.json()["measures"]) == 2
    receipt(door, measure_of(first.json())["id"])
    assert door.post(body, idempotency_key="k").content == first.content


def extend(door: Door, measure_id: str, term: str | None, role: str = "senior_reviewer") -> Any:
    return door.client.post(
        f"/v1/measures/{measure_id}/extend",
        json={"term": term, "reason": "again"},
        headers=door.auth_as(role),
    )


def test_a_senior_reviewer_has_a_measure_last_longer_and_the_check_says_so(door: Door) -> None:
    measure = measure_of(block(door))
    assert door.get(CHECK).json()["until"] == measure["ends_at"]
    longer = extend(door, measure["id"], "P30D").json()
    assert longer["ends_at"] == "2026-12-22T08:00:00Z"
    assert (longer["state"], longer["automatic"]) == (measure["state"], False)
    assert door.get(CHECK).json()["until"] == longer["ends_at"]
    assert extend(door, measure["id"], None).json()["ends_at"] is None
    assert door.get(CHECK).json()["until"] is None


@pytest.mark.parametrize("role", ["reviewer", "appeal_reviewer", "auditor"])
def test_nobody_else_extends(door: Door, role: str) -> None:
    measure = measure_of(block(door))
    assert extend(door, measure["id"], "P30D", role).status_code == 403


@pytest.mark.parametrize("term", ["PT1H", "P99999D", "soon", ""])
def test_a_term_that_is_no_longer_or_none_at_all_is_refused(door: Door, term: str) -> None:
    measure = measure_of(block(door))
    refused = extend(door, measure["id"], term)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/term"
    assert door.get(f"/v1/measures/{measure['id']}").json()["version"] == 1


def test_what_is_over_cannot_be_extended(door: Door) -> None:
    measure = measure_of(block(door))
    lift(door, measure["id"])
    refused = extend(door, measure["id"], "P30D")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_final")
