"""Where files lie until they are judged, and as long as they are kept: a folder, or S3 by its URL.

Names are made of ids alone: nothing that a sender says ever becomes a path.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from service.kernel.db import StorageUnavailable

CHUNK: Final = 5 * 1024 * 1024
"""Bytes that are sent and fetched at once; S3 takes no smaller parts."""

_UNFINISHED: Final = "#1"
"""What obstore puts behind the name of a file in a folder until it is whole."""

_ID: Final = re.compile(r"[0-9a-f-]{36}", re.ASCII)


class ObjectsAway(StorageUnavailable):
    """The object store does not answer, or refuses."""


class Objects(Protocol):
    """Files by tenant and id."""

    async def put(self, tenant_id: str, id_: str, data: AsyncIterator[bytes]) -> None:
        """Keep a file whole, or not at all. Raises `ObjectsAway`, and what `data` raises."""
        ...

    def fetch(self, tenant_id: str, id_: str, path: Path) -> str | None:
        """Write a file to `path`; its SHA-256, None when there is none. Raises `ObjectsAway`."""
        ...

    def remove(self, tenant_id: str, id_: str) -> None:
        """Forget a file, if it is there, or what a crash left of it. Raises `ObjectsAway`."""
        ...


class ObjectStore:
    """A folder of this machine, or a bucket: whatever obstore opens.

    `options` are obstore's, such as keys and the endpoint of S3.
    """

    def __init__(self, place: Path | str, **options: Any) -> None:
        self._folder = place if isinstance(place, Path) else None
        if isinstance(place, Path):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store: Any = LocalStore(place)
        else:
            self._store = from_url(place, **options)

    async def put(self, tenant_id: str, id_: str, data: AsyncIterator[bytes]) -> None:
        watched = _Watched(data)
        try:
            await obstore.put_async(
                self._store, _key(tenant_id, id_), watched, chunk_size=CHUNK, max_concurrency=1
            )
        except (BaseError, OSError) as error:
            if watched.trouble is not None:  # not the store's
                raise watched.trouble from None
            raise ObjectsAway(f"the object store: {type(error).__name__}") from error

    def fetch(self, tenant_id: str, id_: str, path: Path) -> str | None:
        digest = sha256()
        try:
            found = obstore.get(self._store, _key(tenant_id, id_))
            with path.open("wb") as file:
                for chunk in found.stream(min_chunk_size=1024 * 1024):
                    digest.update(chunk)
                    file.write(chunk)
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise ObjectsAway(f"the object store: {type(error).__name__}") from error
        return digest.hexdigest()

    def remove(self, tenant_id: str, id_: str) -> None:
        key = _key(tenant_id, id_)
        try:
            if self._folder is not None:
                Path(self._folder, key + _UNFINISHED).unlink(missing_ok=True)
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise ObjectsAway(f"the object store: {type(error).__name__}") from error


class _Watched:
    """Passes bytes on, and remembers what went wrong with them."""

    def __init__(self, data: AsyncIterator[bytes]) -> None:
        self._data = data
        self.trouble: Exception | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._data)
        except StopAsyncIteration:
            raise
        except Exception as error:
            self.trouble = error
            raise


def _key(tenant_id: str, id_: str) -> str:
    if not _ID.fullmatch(id_):
        raise ValueError("id: not one that was generated")
    return f"{sha256(tenant_id.encode()).hexdigest()[:32]}/{id_}"
