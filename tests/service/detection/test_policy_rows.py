"""The rows of tests/corpus are promises: what is shipped flags and allows as each of them says."""

from __future__ import annotations

from functools import cache

import pytest

from cli.policy_map import Row, read_rows
from service.detection.judge import Judge
from service.policy.model import Verdict
from service.wiring.judge import load_judge

ROWS = read_rows()


@cache
def shipped() -> Judge:
    return load_judge()


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.file}:{row.line}" for row in ROWS])
def test_the_shipped_judge_keeps_the_promise_of_a_row(row: Row) -> None:
    judgement = shipped().judge(row.text)
    grave = {
        f"{category.clause}/{category.label}": [hit.canonical for hit in category.hits]
        for category in judgement.categories
        if category.verdict is not Verdict.ALLOW
    }
    if row.verdict == "flag":
        assert row.label in grave, f"{row.text}: {row.why}"
    else:
        assert grave == {}, f"{row.text}: {row.why}"
