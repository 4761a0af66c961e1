"""POST /v1/uploads and GET: what comes in, what is answered, what becomes of it."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from doors import open_door
from fixtures.stores import STORES
from fixtures.uploads import Uploading

from service.decisions.store import purge_expired_texts
from service.kernel.db import WRITES
from service.uploads import forgetting, store
from service.uploads.parts import Found


def test_a_file_waits_then_is_judged_by_what_is_in_it(uploading: Uploading) -> None:
    taken = uploading.send("坏", "note.txt", data_id="f-1", account={"id": "u-1"})
    assert taken.status_code == 202
    assert taken.json() == {"upload_id": taken.json()["upload_id"], "status": "pending"}
    assert taken.headers["location"] == f"/v1/uploads/{taken.json()['upload_id']}"
    before = uploading.get(taken.json()["upload_id"]).json()
    assert (before["status"], before["result"], before["unscanned"]) == ("pending", None, [])
    uploading.work()
    after = uploading.get(taken.json()["upload_id"]).json()
    assert (after["status"], after["type"], after["size"]) == ("scanned", "text/plain", 3)
    result = after["result"]
    assert (result["verdict"], result["data_id"], result["revision"]) == ("block", "f-1", 1)
    (hit,) = result["categories"][0]["hits"]
    assert (hit["part"], hit["text"], hit["start"], hit["end"]) == ("text", "坏", 0, 1)


def test_what_follows_is_what_follows_of_a_message(uploading: Uploading) -> None:
    result = uploading.judged("坏", data_id="f-1", account={"id": "u-1"})["result"]
    assert {measure["type"] for measure in result["measures"]} >= {"withhold_content"}
    assert result["measures"][0]["data_ids"] == ["f-1"]
    case = uploading.door.get(f"/v1/cases/{result['case']['id']}").json()
    assert (case["surface"], case["account_id"], case["data_id"]) == ("drive.file", "u-1", "f-1")
    decision = uploading.door.get(f"/v1/decisions/{result['decision_id']}").json()
    assert decision["verdict"] == "block"
    assert len(decision["notices"]) == 1


def test_a_name_is_judged_as_text(uploading: Uploading) -> None:
    result = uploading.judged("好", "坏.txt")["result"]
    assert result["verdict"] == "block"
    assert [hit["part"] for hit in result["categories"][0]["hits"]] == ["name"]


def test_meta_may_be_left_out_and_may_come_behind_the_file(uploading: Uploading) -> None:
    assert uploading.judged("好")["result"]["verdict"] == "allow"
    boundary = "x" * 20
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        f'好\r\n--{boundary}\r\nContent-Disposition: form-data; name="meta"\r\n\r\n'
        f'{{"data_id":"late"}}\r\n--{boundary}--\r\n'
    ).encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = uploading.door.client.post(
        "/v1/uploads", content=body, headers=uploading.door.auth() | headers
    )
    assert answer.status_code == 202, answer.text
    found = uploading.get(answer.json()["upload_id"]).json()
    assert found["data_id"] == "late"


def test_the_same_file_again_is_known_and_not_scanned_again(uploading: Uploading) -> None:
    first = uploading.send("坏", data_id="f-1", account={"id": "u-1"})
    while_waiting = uploading.send("坏", data_id="f-1", account={"id": "u-1"})
    assert while_waiting.status_code == 202
    assert while_waiting.json() == first.json()
    assert while_waiting.headers["idempotent-replay"] == "true"
    assert "idempotent-replay" not in first.headers
    assert uploading.stored() == [first.json()["upload_id"]]
    uploading.work()
    judged = uploading.door.judge.judged
    again = uploading.send("坏", data_id="f-1", account={"id": "u-1"})
    assert (again.status_code, again.headers["idempotent-replay"]) == (200, "true")
    assert again.json() == uploading.get(first.json()["upload_id"]).json()
    uploading.work()
    assert uploading.door.judge.judged == judged


@pytest.mark.parametrize(
    ("content", "name", "account"),
    [("坏坏", "a.txt", "u-1"), ("坏", "b.txt", "u-1"), ("坏", "a.txt", "u-2")],
)
def test_another_file_name_or_account_is_the_next_revision(
    uploading: Uploading, content: str, name: str, account: str
) -> None:
    first = uploading.judged("坏", data_id="f-1", account={"id": "u-1"})["result"]
    second = uploading.judged(content, name, data_id="f-1", account={"id": account})["result"]
    assert (second["revision"], second["previous_decision_id"]) == (2, first["decision_id"])


def test_an_allowed_revision_shows_again_what_was_withheld(uploading: Uploading) -> None:
    first = uploading.judged("坏", data_id="f-1", account={"id": "u-1"})["result"]
    uploading.judged("好", data_id="f-1", account={"id": "u-1"})
    (withheld,) = [m for m in first["measures"] if m["type"] == "withhold_content"]
    now = uploading.door.get(f"/v1/measures/{withheld['id']}").json()
    assert now["state"] in ("lifting", "lifted", "cancelled")


def test_a_file_and_a_text_that_says_the_same_are_not_equal(uploading: Uploading) -> None:
    uploading.judged("坏", data_id="f-1")
    answer = uploading.door.post({"text": "坏", "data_id": "f-1", "surface": "drive.file"})
    assert answer.json()["revision"] == 2


def test_what_a_person_ruled_is_what_the_upload_tells(uploading: Uploading) -> None:
    upload = uploading.judged("坏", data_id="f-1", account={"id": "u-1"})
    case_id = upload["result"]["case"]["id"]
    headers = uploading.door.auth_as("reviewer")
    client = uploading.door.client
    client.post(f"/v1/cases/{case_id}/claim", json={"version": 1}, headers=headers)
    body = {"version": 2, "outcome": "no_violation", "rationale": "a list of words to avoid"}
    decided = client.post(f"/v1/cases/{case_id}/decide", json=body, headers=headers)
    assert decided.status_code == 200, decided.text
    told = uploading.get(upload["upload_id"]).json()["result"]
    assert (told["verdict"], told["automated"]) == ("allow", False)
    # And it holds for the same file under another id.
    again = uploading.judged("坏", data_id="f-2", account={"id": "u-1"})["result"]
    assert (again["verdict"], again["automated"]) == ("allow", True)


def test_wait_holds_the_answer_until_the_file_was_judged(uploading: Uploading) -> None:
    worker = uploading.worker()
    done = threading.Event()

    def work() -> None:
        while not done.wait(0.01):
            worker.step()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        answer = uploading.send("坏", wait=30)
    finally:
        done.set()
        thread.join()
    assert answer.status_code == 200
    assert answer.json()["result"]["verdict"] == "block"


def test_wait_ends_when_its_seconds_are_up(uploading: Uploading) -> None:
    assert uploading.send("坏", wait=0).status_code == 202
    answer = uploading.send("坏", wait=1)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


def test_what_is_allowed_is_not_kept(uploading: Uploading) -> None:
    upload = uploading.judged("好", "private.txt", data_id="f-1")
    assert upload["result"]["verdict"] == "allow"
    assert uploading.stored() == []


def test_what_is_not_allowed_is_kept_as_long_as_its_text(uploading: Uploading) -> None:
    upload = uploading.judged("坏", data_id="f-1")
    assert uploading.stored() == [upload["upload_id"]]


def test_an_enterprises_record_is_judged_as_its_policy_says_and_not_kept(
    uploading: Uploading,
) -> None:
    account = {"id": "u-1", "enterprise_id": "e-1"}
    upload = uploading.judged("坏", data_id="f-1", account=account)
    assert upload["result"]["verdict"] == "block"
    assert uploading.stored() == []
    decision_id = upload["result"]["decision_id"]
    replayed = uploading.door.post({}, path=f"/v1/decisions/{decision_id}/replay")
    assert (replayed.status_code, replayed.json()["code"]) == (410, "text_expired")


def test_people_see_what_was_found_but_no_word_of_it(uploading: Uploading) -> None:
    upload = uploading.judged("坏", account={"id": "u-1"})
    path = f"/v1/uploads/{upload['upload_id']}"
    seen = uploading.door.client.get(path, headers=uploading.door.auth_as("auditor")).json()
    (hit,) = seen["result"]["categories"][0]["hits"]
    assert (hit["text"], hit["part"]) == ("•", "text")


def test_uploads_are_counted(uploading: Uploading) -> None:
    uploading.judged("好", data_id="f-1")
    uploading.send("好", data_id="f-1")
    uploading.send("疑")
    metrics = uploading.door.client.get("/metrics").text
    assert "moderation_uploads_total 2.0" in metrics
    assert "moderation_uploads_known_total 1.0" in metrics
    assert "moderation_upload_bytes_total 9.0" in metrics
    assert "moderation_uploads_pending 1.0" in metrics


@pytest.mark.parametrize("kind", STORES)
def test_a_file_goes_through_either_store(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    with open_door(tmp_path, url=url) as door:
        uploading = Uploading(door)
        blocked = uploading.judged("坏", data_id="f-1", account={"id": "u-1"})
        assert blocked["result"]["verdict"] == "block"
        unread = [
            uploading.judged("\xff".encode("latin-1"), f"{n}.bin", account={"id": "u-1"})
            for n in (1, 2)
        ]
        cases = {upload["result"]["case"]["id"] for upload in unread}
        assert len(cases) == 1


def test_a_files_decision_is_replayed_by_its_parts(uploading: Uploading) -> None:
    plain = uploading.scanner
    extra = (Found("file", "macro", "vba"),)
    uploading.scanner = lambda *args, **named: msgspec.structs.replace(
        plain(*args, **named), found=extra
    )
    result = uploading.judged("好\0 疑", "坏.txt", account={"id": "u-1"})["result"]
    path = f"/v1/decisions/{result['decision_id']}/replay"
    replayed = uploading.door.post({}, path=path)
    assert (replayed.status_code, replayed.json()) == (200, {"same": True, "differences": []})


def test_a_file_whose_text_was_not_kept_whole_is_not_replayed(
    uploading: Uploading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.uploads.keeping.MOST_KEPT", 20)
    result = uploading.judged("坏" + "好" * 100, account={"id": "u-1"})["result"]
    path = f"/v1/decisions/{result['decision_id']}/replay"
    assert uploading.door.post({}, path=path).json()["code"] == "text_expired"


def test_what_is_kept_of_a_file_goes_with_its_text(uploading: Uploading) -> None:
    upload = uploading.judged("坏", "secret.txt", account={"id": "u-1"})
    engine = uploading.door.services.engine.execution_options(**{WRITES: True})
    uploading.door.clock.move(days=181)
    now = uploading.door.clock.now()
    with engine.begin() as conn:
        purge_expired_texts(conn, now)
        assert forgetting.forget_expired(conn, now, 10) == 1
    uploading.work()
    assert uploading.stored() == []
    with engine.begin() as conn:
        found = store.get(conn, "a", upload["upload_id"])
        assert found is not None
        assert (found.name, found.kept, found.is_stored) == ("", None, False)
        assert forgetting.forget_expired(conn, now, 10) == 0
