"""The key that signs what the host is sent, where no operator chose one."""

from __future__ import annotations

import secrets
from base64 import b64encode
from pathlib import Path
from typing import Final

from service.kernel import kept_secret

FILE_NAME: Final = "host.secret"


def keep_secret(folder: Path) -> str:
    """The `whsec_…` in the folder's file, which is made when it is missing; raises `OSError`."""
    return kept_secret.keep_secret(folder / FILE_NAME, _make)


def _make() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode('ascii')}"
