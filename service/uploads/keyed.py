"""Uploads under an Idempotency-Key: the same request again gives the upload that stands.

A form's bytes differ at every try, since its boundary does. So what must be equal is what was sent
in it: the file's bytes, its name and declared type, and the part `meta`.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec
from sqlalchemy import Connection

from service.moderation.store import Remembered, find, remember
from service.uploads import store
from service.uploads.model import KeyTaken, Upload
from service.uploads.view import PendingView


class Keyed(msgspec.Struct, frozen=True):
    """A key, and the digest of the request that came under it."""

    key: str
    digest: bytes


def digest_request(
    *, sha256_of_file: str, name: str, declared_type: str | None, meta: bytes | None
) -> bytes:
    """What stands for a request: equal for equal requests, and for none of another door."""
    said = msgspec.json.encode([sha256_of_file, name, declared_type])
    return sha256(b"upload\n" + said + b"\n" + (b"" if meta is None else b"+" + meta)).digest()


def is_used(conn: Connection, tenant_id: str, key: str, now: datetime) -> bool:
    """Whether a request came under the key within 24 hours."""
    return find(conn, tenant_id, key, now) is not None


def find_upload(conn: Connection, tenant_id: str, keyed: Keyed, now: datetime) -> Upload | None:
    """The upload that came under the key within 24 hours.

    Raises `KeyTaken` when another request did.
    """
    earlier = find(conn, tenant_id, keyed.key, now)
    if earlier is None:
        return None
    if earlier.body_digest != keyed.digest:
        raise KeyTaken("Idempotency-Key: was used for another request; use a new key")
    return store.get(conn, tenant_id, _decode(earlier.body).upload_id)


def keep_upload(conn: Connection, keyed: Keyed, upload: Upload, now: datetime) -> None:
    """Have the key give this upload for 24 hours.

    Raises SQLAlchemy's `IntegrityError` when another process used the key just now: look again.
    """
    answer = Remembered(
        body_digest=keyed.digest,
        status=202,
        headers={},
        body=msgspec.json.encode(PendingView(upload.id, upload.state)),
        created_at=now,
    )
    remember(conn, upload.tenant_id, keyed.key, answer)


_decode: Final = msgspec.json.Decoder(PendingView).decode
