"""A file from the door through a real scan in a child process to its decision."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import open_door
from fixtures.uploads import Uploading

from service.wiring.judge import NO_MODEL_DIR, load_judge
from workers.scan.parent import run_scan

ADVERT = "澳门娱乐城开户送彩金"
PRICES = "附件是本周的报价单，请查收。"
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(scope="module")
def uploading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Uploading]:
    judge = load_judge(model_dir=NO_MODEL_DIR)
    with open_door(tmp_path_factory.mktemp("uploads"), judge=judge, scanner=run_scan) as door:
        yield Uploading(door, scanner=run_scan)


def pack(**files: str | bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


def test_an_advert_deep_in_an_archive_is_blocked_where_it_stands(uploading: Uploading) -> None:
    inner = pack(b_txt=ADVERT.encode("gb18030"))
    upload = uploading.judged(
        pack(prices_txt=PRICES, inner_zip=inner),
        "offer.zip",
        declared="application/zip",
        account={"id": "u-1"},
    )
    assert (upload["status"], upload["type"]) == ("scanned", "application/zip")
    assert upload["result"]["verdict"] == "block"
    parts = {hit["part"] for c in upload["result"]["categories"] for hit in c["hits"]}
    assert parts == {"inner.zip/b.txt"}


def test_an_ordinary_file_is_allowed_and_not_kept(uploading: Uploading) -> None:
    upload = uploading.judged(pack(prices_txt=PRICES), "报价单.zip", declared="application/zip")
    assert (upload["status"], upload["result"]["verdict"]) == ("scanned", "allow")
    assert upload["upload_id"] not in uploading.stored()


def test_the_test_file_of_scanners_is_malware(uploading: Uploading) -> None:
    upload = uploading.judged(EICAR, "note.txt", account={"id": "u-2"})
    assert upload["result"]["verdict"] == "block"
    assert [(c["clause"], c["label"]) for c in upload["result"]["categories"]] == [
        ("3.4.2.1", "malware")
    ]


@pytest.mark.parametrize("content", [b"", pack(a_txt=PRICES)[:-30]])
def test_what_is_empty_or_broken_off_goes_to_a_person(uploading: Uploading, content: bytes) -> None:
    upload = uploading.judged(content, "a.zip", account={"id": "u-3"})
    assert (upload["status"], upload["result"]["verdict"]) == ("unscannable", "review")
    assert upload["result"]["case"]["queue"] in ("unscannable", "security")


def test_the_folder_of_scans_is_empty_afterwards(uploading: Uploading) -> None:
    data: Path = uploading.door.services.settings.data_dir
    assert not list(data.glob("scan-*"))
