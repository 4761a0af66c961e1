"""A link: 256 random bits that open `/my/{token}`; only their digest is kept."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

LASTS: Final = timedelta(days=30)
"""How long a link lasts, unless it is made for another time."""

LONGEST: Final = timedelta(days=180)
NOTICE_LASTS: Final = timedelta(days=90)
"""How long the link in a notice lasts: longer than any period that begins with it."""

TOKEN_BYTES: Final = 32
TOKEN_LENGTH: Final = 43
"""Characters of a token: its bytes in URL-safe Base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What opens an account's page until it expires or is revoked."""

    tenant_id: str
    id: str
    account_id: str
    digest: bytes
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything at `now`."""
        return self.revoked_at is None and now < self.expires_at


def write_token(secret: bytes) -> str:
    """A token of 32 bytes."""
    return urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")


def digest_of(token: str) -> bytes | None:
    """What the store knows a token by; None for what cannot be a token."""
    if len(token) != TOKEN_LENGTH or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "=")
    except ValueError:
        return None
    if len(raw) != TOKEN_BYTES or write_token(raw) != token:
        return None
    return sha256(raw).digest()


def derive_token(secret: str, tenant_id: str, delivery_id: str) -> str:
    """The token in a delivery: the same at every try of it, and unknown without the secret."""
    message = f"my-link\n{tenant_id}\n{delivery_id}".encode()
    return write_token(hmac.digest(secret.encode(), message, "sha256"))
