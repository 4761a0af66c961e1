"""Fault 6: one message delivered fifty times at once, at the API and in the stream, to the whole
product: one decision, one set of measures."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from process_watch import until
from redis import Redis
from whole_product import GAMBLING, Answer, Product

pytestmark = pytest.mark.process

TIMES = 50


def moderate(
    product: Product, item: dict[str, object], *, tenant: str = "demo", **headers: str
) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return product.call("POST", "/v1/moderations", item, tenant=tenant, headers=sent, timeout=60)


def recorded(product: Product, data_id: str, tenant: str = "demo") -> tuple[list[str], int]:
    """The ids of a content's decisions, and how many measures they ordered."""
    found = product.ask(
        "SELECT id FROM decisions WHERE tenant_id = ? AND data_id = ?", tenant, data_id
    )
    ids = [row[0] for row in found]
    many = product.ask(
        "SELECT COUNT(*) FROM measures WHERE tenant_id = ? AND decision_id IN"
        " (SELECT id FROM decisions WHERE data_id = ?)",
        tenant,
        data_id,
    )
    return ids, many[0][0]


@pytest.mark.parametrize("headers", [{}, {"Idempotency_Key": "fifty"}], ids=["data_id", "key"])
def test_at_the_api_it_is_one_decision_with_one_set_of_measures(
    product: Product, headers: dict[str, str]
) -> None:
    data_id = f"at-once-{len(headers)}"
    item: dict[str, object] = {"text": GAMBLING, "data_id": data_id, "account": {"id": "u-50"}}
    with ThreadPoolExecutor(TIMES) as crowd:
        answers = list(crowd.map(lambda _: moderate(product, item, **headers), range(TIMES)))
    assert {answer.status for answer in answers} == {200}
    (decision_id,) = {answer.body["decision_id"] for answer in answers}
    assert sum(not answer.replayed for answer in answers) == 1
    assert recorded(product, data_id) == ([decision_id], len(answers[0].body["measures"]))


def test_a_key_stands_for_one_body_and_for_one_tenant(product: Product) -> None:
    item: dict[str, object] = {"text": GAMBLING, "account": {"id": "u-51"}}
    first = moderate(product, item, Idempotency_Key="mine")
    other = moderate(product, item | {"text": GAMBLING * 2}, Idempotency_Key="mine")
    assert (other.status, other.body["code"]) == (409, "idempotency_conflict")
    neighbour = moderate(product, item, tenant="demo-2", Idempotency_Key="mine")
    assert (neighbour.status, neighbour.replayed) == (200, False)
    assert neighbour.body["decision_id"] != first.body["decision_id"]


def test_in_the_stream_it_is_one_decision_and_each_entry_has_its_result(product: Product) -> None:
    item = {"tenant": "demo", "text": GAMBLING, "data_id": "streamed", "account": {"id": "u-52"}}
    with closing(Redis.from_url(product.demo["redis_url"], protocol=2)) as redis:
        sent = {
            redis.xadd("moderation:submissions", {"item": json.dumps(item)}) for _ in range(TIMES)
        }

        def results() -> dict[bytes, str]:
            return {
                fields[b"entry"]: json.loads(fields[b"decision"])["decision_id"]
                for _, fields in redis.xrange("moderation:decisions")
                if fields[b"data_id"] == b"streamed"
            }

        until(lambda: len(results()) == TIMES, "a result for each entry")
        assert set(results()) == sent
        (decision_id,) = set(results().values())
    ids, measures = recorded(product, "streamed")
    assert (ids, measures > 0) == ([decision_id], True)


def test_whatever_was_ordered_took_effect_once(product: Product) -> None:
    product.settle(seconds=120, hurry=True)
    ordered = {row[0] for row in product.ask("SELECT id FROM measures")}
    effects = [e["id"] for e in product.host()["effects"] if e["type"] == "measure.ordered"]
    assert sorted(effects) == sorted(ordered)
