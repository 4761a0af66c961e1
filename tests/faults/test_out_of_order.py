"""Faults 2 and 7 on the whole product: a job that comes too late, a word that comes too early, and
a job that kills its worker each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fixtures.hosts import SECRET, Handler, Server, answer, hang_up, serving
from process_watch import until
from whole_product import GAMBLING, Product, run_product

pytestmark = pytest.mark.process

ATTEMPTS = 2
POISONED = b'"u-poison"'
KIND = b'"withhold_content"'


@contextmanager
def killing(host: Server, product: Product) -> Iterator[list[str]]:
    """Within, whoever brings the poisoned order is killed before the host has answered; whose
    deaths that were."""
    deaths: list[str] = []

    def behave(handler: Handler) -> None:
        body = host.requests[-1].body
        if POISONED in body and KIND in body:
            deaths.append(str(product.pid_of("worker")))
            product.kill("worker")
            hang_up(handler)
        else:
            answer(204)(handler)

    host.script.extend([behave] * 1_000)
    yield deaths
    host.script.clear()


@pytest.fixture(scope="module")
def host() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def shop(host: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with a host of its own that the tests control."""
    with run_product(
        tmp_path_factory.mktemp("shop") / "data",
        HOST_WEBHOOK_URL=host.url,
        HOST_WEBHOOK_SECRET=SECRET,
        MODERATION_HOST_ATTEMPTS=str(ATTEMPTS),
    ) as started:
        yield started
        assert started.stop() == []


def block(product: Product, account: str) -> Any:
    item = {"text": GAMBLING, "data_id": f"of-{account}", "account": {"id": account}}
    found = product.call("POST", "/v1/moderations", item)
    assert (found.status, found.body["verdict"]) == (200, "block")
    return found.body


def states(product: Product, result: Any) -> set[str]:
    ids = [measure["id"] for measure in result["measures"]]
    return {product.call("GET", f"/v1/measures/{id_}").body["state"] for id_ in ids}


def sign_in(product: Product, role: str) -> dict[str, str]:
    """The header of a person of the first tenant."""
    who = next(p for p in product.demo["reviewers"] if (p["tenant"], p["role"]) == ("demo", role))
    found = product.call(
        "POST", "/v1/sessions", {"username": who["username"], "password": who["password"]}
    )
    return {"Authorization": f"Bearer {found.body['token']}"}


def orders_of(host: Server, result: Any) -> list[str]:
    """Which of a decision's measures the host was told to carry out."""
    bodies = [json.loads(request.body) for request in host.requests]
    sent = [body["data"]["id"] for body in bodies if body["type"] == "measure.ordered"]
    ids = {measure["id"] for measure in result["measures"]}
    return [id_ for id_ in sent if id_ in ids]


def test_the_late_job_of_an_overturned_decision_does_nothing(shop: Product, host: Server) -> None:
    assert shop.hang("worker")
    try:
        result = block(shop, "u-late")
        waiting = "SELECT COUNT(*) FROM outbox_leases WHERE subject = 'account:u-late'"
        until(lambda: shop.ask(waiting)[0][0] == 1, "the job in the queue")
        reviewer, path = sign_in(shop, "reviewer"), f"/v1/cases/{result['case']['id']}"
        shop.call("POST", f"{path}/claim", {"version": 1}, headers=reviewer)
        finding = {"version": 2, "outcome": "no_violation", "rationale": "误判"}
        ruled = shop.call("POST", f"{path}/decide", finding, headers=reviewer)
        assert ruled.status == 200
        assert states(shop, result) == {"cancelled"}
        for measure in result["measures"]:
            said = shop.call("POST", f"/v1/measures/{measure['id']}/receipt", {"outcome": "done"})
            assert (said.status, said.body["code"]) == (409, "already_final")
    finally:
        shop.wake("worker")
    shop.settle(seconds=120, hurry=True)
    assert states(shop, result) == {"cancelled"}
    assert orders_of(host, result) == []
    allowed = shop.call("GET", "/v1/accounts/u-late/functions/im.send").body["allowed"]
    assert allowed is True


def test_a_receipt_before_the_order_spares_the_host_the_order(shop: Product, host: Server) -> None:
    assert shop.hang("worker")
    try:
        result = block(shop, "u-early")
        for measure in result["measures"]:
            said = shop.call("POST", f"/v1/measures/{measure['id']}/receipt", {"outcome": "done"})
            assert (said.status, said.body["state"]) == (200, "in_force")
    finally:
        shop.wake("worker")
    shop.settle(seconds=120, hurry=True)
    assert states(shop, result) == {"in_force"}
    assert orders_of(host, result) == []


def test_a_job_that_kills_its_worker_is_given_up_and_the_others_go_on(
    shop: Product, host: Server
) -> None:
    with killing(host, shop) as deaths:
        poisoned = block(shop, "u-poison")
        others = [block(shop, f"u-well-{number}") for number in range(3)]
        shop.settle(seconds=180, hurry=True)
    assert len(set(deaths)) == ATTEMPTS
    assert [states(shop, other) for other in others] == [{"in_force"}] * 3
    (failed,) = (m["id"] for m in poisoned["measures"] if m["type"] == "withhold_content")
    assert shop.call("GET", f"/v1/measures/{failed}").body["state"] == "failed"
    (rest,) = (m["id"] for m in poisoned["measures"] if m["id"] != failed)
    assert shop.call("GET", f"/v1/measures/{rest}").body["state"] == "in_force"
    reviewer, senior = sign_in(shop, "reviewer"), sign_in(shop, "senior_reviewer")
    seen = shop.call("GET", "/v1/dead-letters", headers=reviewer).body["items"]
    (letter,) = (item for item in seen if item["ref"] == failed)
    assert letter["error"] == "attempts_used_up"
    again = shop.call("POST", f"/v1/dead-letters/{letter['id']}/redeliver", headers=senior)
    assert again.status == 200
    until(
        lambda: shop.call("GET", f"/v1/measures/{failed}").body["state"] == "in_force",
        "the redelivered order's effect",
    )
