"""Referrals by API, pages and command: prepared, approved by another, exported, checked offline."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door
from fixtures.attachments import document, scan_all

from cli import referral as command
from cli.main import main
from service.access.visitors import derive_csrf
from service.kernel.audit_chain import number_rows
from service.kernel.db import WRITES
from service.referrals.package import AUDIT, PackageFlaw, check, make_manifest, pack

SENT = {
    "authority": "某支队<b>",
    "legal_basis": "某法第二十八条",
    "document_number": "12号",
    "statement": "来函要求",
}
REPORTER = "u-who-told-us"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path, files_dir=tmp_path / "files") as opened:
        yield opened


def call(door: Door, role: str, path: str, body: Any = None) -> Any:
    return door.client.post(path, json=body, headers=door.auth_as(role))


def submit(door: Door, role: str, path: str, **form: str) -> Any:
    """Send the form of a page."""
    door.sign_in(role)
    csrf = derive_csrf(door.keys[f"a.{role}:web"])
    answer = door.client.post(f"{path}?lang=zh", data={"csrf": csrf, **form})
    door.client.cookies.clear()
    return answer


def look(door: Door, role: str, path: str) -> str:
    door.sign_in(role)
    answer = door.client.get(f"{path}?lang=zh")
    door.client.cookies.clear()
    assert answer.status_code == 200, path
    text: str = answer.text
    return text


def make_matter(door: Door) -> str:
    """A reported message that was blocked, found a breach, explained and contested; its case."""
    item = {"text": "来玩坏的", "data_id": "m-1", "account": {"id": "u-1"}}
    blocked = door.post(item).json()
    case_id: str = blocked["case"]["id"]
    report = {"kind": "user", "reporter": {"account_id": REPORTER}, "subject": {"data_id": "m-1"}}
    assert door.post(report | {"statement": "?"}, path="/v1/reports").status_code == 201
    call(door, "reviewer", f"/v1/cases/{case_id}/claim", {"version": 1})
    wish = {"questions": ["谁发的？"], "period_days": 3}
    finding = {"version": 2, "outcome": "violation", "rationale": "属实"}
    decided = call(
        door, "reviewer", f"/v1/cases/{case_id}/decide", finding | {"explanation_request": wish}
    ).json()
    answer = {"text": "不是我", "attachments": [{"name": "证明.txt", "content": "Li4u"}]}
    path = f"/v1/explanation-requests/{decided['explanation_request_id']}/answer"
    assert door.post(answer, path=path).status_code == 200
    appeals = f"/v1/decisions/{decided['decision_id']}/appeals"
    contest = {"grounds": "不服", "attachments": [document(b"grounds", "理由.txt")]}
    assert door.post(contest, path=appeals).status_code == 201
    scan_all(door)
    return case_id


def approve(door: Door, case_id: str) -> str:
    prepared = call(door, "senior_reviewer", f"/v1/cases/{case_id}/referrals", SENT)
    assert prepared.status_code == 201, prepared.text
    referral_id: str = prepared.json()["id"]
    assert prepared.headers["location"] == f"/v1/referrals/{referral_id}"
    approved = call(door, "tenant_admin", f"/v1/referrals/{referral_id}/approve", {"version": 1})
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    return referral_id


def number(door: Door) -> None:
    """What the sequencer does within a second."""
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        number_rows(conn, door.clock.now(), 1_000, key=b"k" * 32)


def files_of(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_package_holds_the_matter_and_is_verified_offline(
    door: Door, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    referral_id = approve(door, make_matter(door))
    number(door)
    exported = call(door, "tenant_admin", f"/v1/referrals/{referral_id}/export")
    assert (exported.status_code, exported.headers["content-type"]) == (200, "application/zip")
    files = files_of(exported.content)
    texts = [data.decode() for path, data in files.items() if path.startswith("content/")]
    assert texts == ["来玩坏的"]
    attached = [data for path, data in files.items() if path.startswith("attachments/")]
    assert sorted(attached) == [b"...", b"grounds"]
    read = {name: json.loads(files[name]) for name in files if name.endswith(".json")}
    assert [decision["verdict"] for decision in read["decisions.json"]] == ["block", "block"]
    assert [ruling["rationale"] for ruling in read["rulings.json"]] == ["属实"]
    assert read["appeals.json"][0]["grounds"] == "不服"
    assert read["explanations.json"][0]["answers"][0]["text"] == "不是我"
    assert len(read["notices.json"]) == 2
    assert "来玩【坏】的" in read["notices.json"][0]["body"]["zh-CN"]
    actions = {row["action"] for row in read[AUDIT]["rows"]}
    assert {"case.decided", "measure.ordered", "appeal.filed", "referral.approved"} <= actions
    assert all(row["hash"] for row in read[AUDIT]["rows"])
    assert REPORTER.encode() not in b"".join(files.values())

    path = tmp_path / "package.zip"
    path.write_bytes(exported.content)
    digest = exported.headers["x-manifest-sha256"]
    assert main(["referral", "verify", str(path), "--digest", digest]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["referral"], said["manifest_sha256"]) == (referral_id, digest)
    found = door.client.get(f"/v1/referrals/{referral_id}", headers=door.auth_as("auditor")).json()
    assert (found["exports"], found["manifest_sha256"]) == (1, digest)

    assert main(["referral", "verify", str(path), "--digest", "0" * 64]) == 1
    assert json.loads(capsys.readouterr().out)["why"] == command.OTHER
    path.write_bytes(exported.content[:-40])
    assert main(["referral", "verify", str(path)]) == 1
    assert main(["referral", "verify", str(tmp_path / "none")]) == 1


def test_a_row_of_the_extract_that_says_something_else_is_found(door: Door) -> None:
    referral_id = approve(door, make_matter(door))
    number(door)
    exported = call(door, "tenant_admin", f"/v1/referrals/{referral_id}/export").content
    files = files_of(exported)
    about = json.loads(files.pop("manifest.json"))
    files[AUDIT] = files[AUDIT].replace(b"case.decided", b"case.settled")
    manifest = make_manifest(files, **{k: about[k] for k in about if k not in ("format", "files")})
    found = check(pack(files, manifest))
    assert isinstance(found, PackageFlaw)
    assert found.path == AUDIT
    assert found.why.startswith("changed: row")


def test_it_is_listed_by_state_and_page(door: Door) -> None:
    case_id = make_matter(door)
    first = approve(door, case_id)
    second = call(door, "senior_reviewer", f"/v1/cases/{case_id}/referrals", SENT).json()["id"]
    headers = door.auth_as("senior_reviewer")

    def page(query: str) -> Any:
        return door.client.get(f"/v1/referrals?{query}", headers=headers)

    assert [item["id"] for item in page("").json()["items"]] == [second, first]
    assert [item["id"] for item in page("state=approved").json()["items"]] == [first]
    cursor = page("limit=1").json()["next_cursor"]
    assert [item["id"] for item in page(f"limit=1&cursor={cursor}").json()["items"]] == [first]
    for query in ("state=x", "limit=0", "cursor=x", "what=x"):
        assert page(query).status_code == 422, query


def test_the_pages_lead_from_the_case_to_the_package(door: Door) -> None:
    case_id = make_matter(door)
    form = f"/review/referrals/of/{case_id}"
    assert form in look(door, "senior_reviewer", f"/review/cases/{case_id}")
    assert form not in look(door, "reviewer", f"/review/cases/{case_id}")
    assert "准备移送" in look(door, "senior_reviewer", form)
    blank = submit(door, "senior_reviewer", form, **SENT | {"document_number": " "})
    assert (blank.status_code, "请写明文号" in blank.text) == (422, True)
    assert "来函要求" in blank.text
    sent = submit(door, "senior_reviewer", form, **SENT)
    assert sent.status_code == 303
    page = sent.headers["location"].partition("?")[0]
    mine = look(door, "senior_reviewer", page)
    assert "须由另一人批准" in mine
    assert f"{page}/approve" not in mine
    assert "<b>" not in mine
    assert page in look(door, "senior_reviewer", f"/review/cases/{case_id}")
    assert page in look(door, "tenant_admin", "/review/referrals")
    assert page not in look(door, "reviewer", f"/review/cases/{case_id}")
    early = submit(door, "tenant_admin", f"{page}/export")
    assert (early.status_code, "尚未批准" in early.text) == (409, True)
    theirs = look(door, "tenant_admin", page)
    assert f"{page}/approve" in theirs
    assert f"/review/cases/{case_id}" not in theirs  # whose pages this role may not open
    own = submit(door, "senior_reviewer", f"{page}/approve", version="1")
    assert own.status_code == 403
    assert submit(door, "tenant_admin", f"{page}/approve", version="1").status_code == 303
    package = submit(door, "senior_reviewer", f"{page}/export")
    assert (package.status_code, package.content[:2]) == (200, b"PK")
    assert "attachment" in package.headers["content-disposition"]
    assert "已导出 1 次" in look(door, "auditor", page)
    bare = submit(door, "tenant_admin", f"{page}/close", version="3", reason="")
    assert (bare.status_code, "请写明理由" in bare.text) == (422, True)
    stale = submit(door, "tenant_admin", f"{page}/close", version="1", reason="办结")
    assert stale.status_code == 409
    assert (
        submit(door, "tenant_admin", f"{page}/close", version="3", reason="办结").status_code == 303
    )
    assert "已结束" in look(door, "tenant_admin", page)
    again = submit(door, "tenant_admin", f"{page}/close", version="4", reason="办结")
    assert (again.status_code, "移送已经结束" in again.text) == (409, True)
    assert submit(door, "tenant_admin", f"{page}/what", version="4").status_code == 400
