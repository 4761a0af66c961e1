"""The object store, a folder and a real S3 server alike: whole files, or none."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from doors import START, open_door
from fixtures.buckets import Bucket
from fixtures.uploads import Uploading

from service.kernel.ids import new_id
from service.kernel.problems import Problem, invalid
from service.settings import SettingsError, load_settings
from service.uploads.objects import CHUNK, ObjectsAway, ObjectStore
from service.wiring.objects import build_objects


@pytest.fixture(params=["folder", "bucket"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    environ = {"MODERATION_DATA_DIR": str(tmp_path)}
    if request.param == "bucket":
        bucket: Bucket = request.getfixturevalue("bucket")
        environ |= {
            "MODERATION_UPLOADS_URL": bucket.url,
            "MODERATION_UPLOADS_ENDPOINT": bucket.endpoint,
        }
    return build_objects(load_settings(environ))


async def pieces(*found: bytes) -> AsyncIterator[bytes]:
    for piece in found:
        yield piece


def put(objects: ObjectStore, id_: str, *found: bytes, tenant: str = "a") -> None:
    asyncio.run(objects.put(tenant, id_, pieces(*found)))


@pytest.mark.parametrize("found", [(), (b"",), (b"x",), (b"a" * CHUNK, b"b" * CHUNK, b"c")])
def test_what_was_put_is_fetched_whole_with_its_digest(
    objects: ObjectStore, found: tuple[bytes, ...], tmp_path: Path
) -> None:
    id_ = new_id(START)
    put(objects, id_, *found)
    path = tmp_path / "fetched"
    whole = b"".join(found)
    assert objects.fetch("a", id_, path) == sha256(whole).hexdigest()
    assert path.read_bytes() == whole


def test_a_file_is_its_tenants_alone(objects: ObjectStore, tmp_path: Path) -> None:
    id_ = new_id(START)
    put(objects, id_, b"mine")
    assert objects.fetch("b", id_, tmp_path / "f") is None
    objects.remove("b", id_)
    assert objects.fetch("a", id_, tmp_path / "f") is not None


def test_what_was_removed_is_gone_and_may_be_removed_again(
    objects: ObjectStore, tmp_path: Path
) -> None:
    id_ = new_id(START)
    put(objects, id_, b"x")
    for _ in range(2):
        objects.remove("a", id_)
    assert objects.fetch("a", id_, tmp_path / "f") is None


@pytest.mark.parametrize("sent", [10, CHUNK + 10])
def test_a_file_that_breaks_off_leaves_nothing_and_says_what_broke_it(
    objects: ObjectStore, sent: int, tmp_path: Path
) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"x" * sent
        raise invalid("/file", "too_long", "too long")

    id_ = new_id(START)
    with pytest.raises(Problem):
        asyncio.run(objects.put("a", id_, breaking()))
    assert objects.fetch("a", id_, tmp_path / "f") is None


@pytest.mark.parametrize("id_", ["", "..", "../../etc/passwd", "a/b", "x" * 36])
def test_no_name_but_a_generated_one_is_a_file(
    objects: ObjectStore, id_: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="generated"):
        put(objects, id_, b"x")
    with pytest.raises(ValueError, match="generated"):
        objects.fetch("a", id_, tmp_path / "f")


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    ObjectStore(tmp_path / "uploads")
    assert stat.S_IMODE((tmp_path / "uploads").stat().st_mode) == 0o700


def test_a_server_that_is_away_is_told_in_seconds(tmp_path: Path) -> None:
    environ = {
        "MODERATION_DATA_DIR": str(tmp_path),
        "MODERATION_UPLOADS_URL": "s3://uploads",
        "MODERATION_UPLOADS_ENDPOINT": "http://127.0.0.1:9",
    }
    away = build_objects(load_settings(environ))
    with pytest.raises(ObjectsAway):
        put(away, new_id(START), b"x")
    with pytest.raises(ObjectsAway):
        away.remove("a", new_id(START))


@pytest.mark.parametrize("url", ["s3://", "ftp://x", "s3://a b", "https://x"])
def test_an_address_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="s3://bucket"):
        load_settings({"MODERATION_UPLOADS_URL": url})


def test_a_file_goes_through_a_bucket(bucket: Bucket, tmp_path: Path) -> None:
    settings = {"uploads_url": bucket.url, "uploads_endpoint": bucket.endpoint}
    with open_door(tmp_path, **settings) as door:
        uploading = Uploading(door)
        upload = uploading.judged("坏", data_id="f-1", account={"id": "u-1"})
        assert upload["result"]["verdict"] == "block"
        assert door.services.objects.fetch("a", upload["upload_id"], tmp_path / "f") is not None
        allowed = uploading.judged("好")
        assert door.services.objects.fetch("a", allowed["upload_id"], tmp_path / "f") is None
