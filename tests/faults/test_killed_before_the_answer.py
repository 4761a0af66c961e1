"""Fault 5: kill -9 of the API between the commit and the answer: the retry gets what was stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from one_api import Api
from whole_product import GAMBLING

pytestmark = pytest.mark.process


@pytest.mark.parametrize(
    ("fields", "headers"),
    [({"data_id": "m-1"}, {}), ({}, {"Idempotency_Key": "k-1"})],
    ids=["data_id", "key"],
)
def test_the_retry_gets_the_decision_that_was_stored(
    tmp_path: Path, fields: dict[str, str], headers: dict[str, str]
) -> None:
    api = Api(tmp_path)
    item = {"text": GAMBLING, "account": {"id": "u-1"}} | fields
    with api.up() as process:
        api.arm("commit")
        assert api.ask("POST", "/v1/moderations", item, **headers) is None
        assert process.end() < 0
    decisions = api.rows("SELECT id FROM decisions")
    measures = api.rows("SELECT id FROM measures")
    with api.up():
        answer = api.ask("POST", "/v1/moderations", item, **headers)
    assert answer is not None
    status, body, replayed = answer
    assert [(body["decision_id"],)] == decisions
    assert (status, replayed) == (200, True)
    assert api.rows("SELECT id FROM decisions") == decisions
    assert api.rows("SELECT id FROM measures") == measures
    assert len(body["measures"]) == len(measures) > 0
