"""The agreement's wording: every clause of the policy has one, and a flawed file is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.kernel.registry import RegistryError
from service.policy import catalogue
from service.policy.agreement import load

SHIPPED = load()


def test_the_enforced_agreement_is_there_and_its_chinese_is_marked() -> None:
    (only,) = SHIPPED.versions
    assert only.version == catalogue.load().agreement
    assert only.is_reference


def test_every_clause_of_the_policy_has_its_wording_in_both_languages() -> None:
    (only,) = SHIPPED.versions
    clauses = {clause.clause for clause in catalogue.load().clauses.values()}
    assert clauses <= only.wording.keys()
    assert all(text.zh_cn and text.en for text in only.wording.values())


def test_a_version_holds_from_midnight_in_china(tmp_path: Path) -> None:
    text = (
        'version = "{}"\nreference_translation = false\n'
        '[[clause]]\nclause = "3.4.1.7"\nen = "e"\nzh-CN = "中"\n'
    )
    for version in ("2026-01-01", "2023-03-16"):
        (tmp_path / f"{version}.toml").write_text(text.format(version), encoding="utf-8")
    found = load(tmp_path)
    assert [one.version for one in found.versions] == ["2023-03-16", "2026-01-01"]
    assert not found.versions[0].is_reference  # the operator's takes the place of the shipped one
    eve = datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC)
    assert found.in_force(eve).version == "2023-03-16"
    assert found.in_force(eve.replace(hour=16, minute=0, second=0)).version == "2026-01-01"
    assert found.in_force(datetime(2020, 1, 1, tzinfo=UTC)).version == "2023-03-16"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('version = "soon"\nreference_translation = true\nclause = []\n', "is no date"),
        ('version = "2026-13-01"\nreference_translation = true\nclause = []\n', "is no date"),
        ('version = "2026-01-01"\nclause = []\n', "reference_translation is missing"),
        (
            'version = "2026-01-01"\nreference_translation = true\n'
            + '[[clause]]\nclause = "1"\nen = "e"\nzh-CN = "中"\n' * 2,
            "stands twice",
        ),
    ],
)
def test_a_file_with_a_flaw_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "2026-01-01.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError) as raised:
        load(tmp_path)
    assert said in str(raised.value)
