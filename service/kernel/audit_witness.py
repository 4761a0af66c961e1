"""Remembers outside the store how far each tenant's audit went: a file for each, on this machine.

Whoever takes the end of the chain away together with its checkpoints, or puts an older copy of the
store in place, is found out by what was noted here.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from service.kernel.audit_chain import Checkpoint

log = logging.getLogger("moderation.audit")

FOLDER: Final = "audit"
"""In the data folder."""


class FileWitness:
    """A folder with `TENANT.json`, each the newest checkpoint of that tenant."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint down in place of the one before."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=self._folder, prefix=".noted-")
        with open(number, "wb") as file:  # noqa: PTH123
            file.write(msgspec.json.encode(checkpoint))
        Path(name).replace(self._path(checkpoint.tenant_id))

    def newest(self, tenant_id: str) -> Checkpoint | None:
        """What was noted last; None for nothing, or what cannot be read."""
        try:
            return _decode(self._path(tenant_id).read_bytes())
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            log.error("a noted checkpoint cannot be read", extra={"tenant": tenant_id})
            return None

    def tenants(self) -> list[str]:
        """Every tenant that something was noted of."""
        return sorted(path.stem for path in self._folder.glob("[!.]*.json"))

    def _path(self, tenant_id: str) -> Path:
        return self._folder / f"{tenant_id}.json"


_decode = msgspec.json.Decoder(Checkpoint).decode
