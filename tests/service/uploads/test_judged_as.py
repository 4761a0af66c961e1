"""An enterprise has more looked for in its files, never less than crime and attacks."""

from __future__ import annotations

import pytest
from doors import WordJudge
from fixtures.uploads import Uploading

from service.policy.model import Judgement


@pytest.mark.parametrize(
    ("scope", "enterprise", "judged_as"),
    [
        ("everything", "e-1", "im.message"),
        ("everything", "e-2", "drive.file"),
        ("crime", "e-1", "drive.file"),
        ("nothing", "e-1", "drive.file"),
    ],
)
def test_a_file_is_judged_as_its_enterprise_instructs(
    uploading: Uploading,
    monkeypatch: pytest.MonkeyPatch,
    scope: str,
    enterprise: str,
    judged_as: str,
) -> None:
    seen: set[str] = set()
    judge = WordJudge.judge

    def note(self: WordJudge, text: str, surface: str = "") -> Judgement:
        seen.add(surface)
        return judge(self, text, surface)

    monkeypatch.setattr(WordJudge, "judge", note)
    door = uploading.door
    door.client.put("/v1/scan-limits", json={"least": "nothing"}, headers=door.auth())
    told = door.client.put(
        "/v1/enterprises/e-1/scan-policy",
        json={"surfaces": {"drive.file": scope}},
        headers=door.auth(),
    )
    assert told.status_code == 200, told.text
    uploading.judged("坏", account={"id": "u-1", "enterprise_id": enterprise})
    assert seen == {judged_as}
