"""Reads the value of a setting from the text that the environment has.

Each reader raises `ValueError` with what is allowed; for an empty text some give None.
"""

from __future__ import annotations

import base64
import binascii
import shlex
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit


def read_number(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit() and least <= int(value[:20]) <= most):
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return read


def read_switch(value: str) -> bool:
    """1 for on, 0 for off."""
    if value not in ("0", "1"):
        raise ValueError("0 or 1")
    return value == "1"


def read_folder(value: str) -> Path | None:
    """A folder that exists, or None."""
    if not value:
        return None
    path = Path(value).expanduser()
    if not path.is_dir():
        raise ValueError("a folder that exists")
    return path


def read_new_folder(value: str) -> Path:
    """A folder that may yet have to be made."""
    path = Path(value).expanduser()
    if path.exists() and not path.is_dir():
        raise ValueError("a folder, which is made when it is missing")
    return path


def read_file(value: str) -> Path | None:
    """A file that exists, or None."""
    if not value:
        return None
    path = Path(value).expanduser()
    if not path.is_file():
        raise ValueError("a file that exists")
    return path


def read_host(value: str) -> str:
    """A name or address to listen on."""
    if not value or any(c.isspace() or c == "/" for c in value):
        raise ValueError("a host name or an address, such as 127.0.0.1 or 0.0.0.0")
    return value


def read_store(value: str) -> str:
    """The address of a store, as SQLAlchemy has it."""
    kind, _, rest = value.partition("://")
    if kind not in ("sqlite", "postgresql", "postgres") or not rest.strip("/"):
        raise ValueError("sqlite:///path/to/file or postgresql://user:password@host/database")
    return value


def read_time(value: str) -> datetime | None:
    """A time with its zone, or None."""
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1971 <= found.year < 2200:
        raise ValueError("a time with its zone, such as 2026-11-22T08:00:00Z")
    return found


def read_redis(value: str) -> str:
    """The address of a Redis server; empty for the embedded one."""
    kind, separator, rest = value.partition("://")
    if value and not (separator and rest and kind in ("redis", "rediss", "unix")):
        raise ValueError("redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/socket")
    return value


def read_names(value: str) -> tuple[str, ...]:
    """Names apart from each other by commas."""
    names = tuple(name.strip() for name in value.split(","))
    if not all(name.isascii() and name.isidentifier() for name in names):
        raise ValueError("names with commas between them, such as system_message,email")
    return names


def read_mail_server(value: str) -> str | None:
    """The address of a mail server, or None."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("smtp://user:password@host:587 or smtps://user:password@host:465")
    return value


def read_clamd(value: str) -> str | None:
    """The address of a clamd, or None."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        fits = (parts.scheme == "unix" and bool(parts.path) and not parts.netloc) or (
            parts.scheme == "tcp" and bool(parts.hostname) and parts.port != 0
        )
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("unix:///path/to/socket or tcp://host:3310")
    return value


def read_mail_address(value: str) -> str:
    """An address that mail comes from."""
    local, _, domain = value.rpartition("@")
    if value and (not local or not domain or any(c.isspace() or c in "<>,;" for c in value)):
        raise ValueError("an address such as notices@platform.example")
    return value


def read_public_url(value: str) -> str:
    """The address under which people find the pages."""
    if not value:
        return value
    if read_webhook(value) is None or "?" in value or "#" in value:
        raise ValueError("an address such as https://moderation.platform.example")
    return value.rstrip("/")


def read_choice(*allowed: str) -> Callable[[str], str]:
    """A reader of one of several words."""

    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(" or ".join(allowed))
        return value

    return read


def read_command(value: str) -> str | None:
    """A command line, or None."""
    if not value:
        return None
    try:
        words = shlex.split(value)
    except ValueError:
        words = []
    if not words:
        raise ValueError("a command, such as /opt/pictures/classify --fast")
    return value


def read_objects(value: str) -> str:
    """A folder, or the address of an object store."""
    kind, separator, rest = value.partition("://")
    if separator and (kind != "s3" or not rest.strip("/") or any(map(str.isspace, rest))):
        raise ValueError("a folder, or s3://bucket/prefix")
    if not separator:
        read_new_folder(value)
    return value


def read_webhook(value: str) -> str | None:
    """The address of the host, or None."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of a port or an address that cannot be
        fits = False
    if not fits or any(c.isspace() or not c.isprintable() for c in value):
        raise ValueError("an address such as https://platform.example/moderation/hook")
    return value


def read_webhook_secret(value: str) -> str | None:
    """The secret that the host shares, or None."""
    if not value:
        return None
    prefix, _, encoded = value.partition("_")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        key = b""
    if prefix != "whsec" or not 24 <= len(key) <= 64:
        raise ValueError("whsec_ and 24 to 64 random bytes in Base64")
    return value


def read_audit_key(value: str) -> bytes | None:
    """The key of the audit, or None."""
    if not value:
        return None
    try:
        key = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        key = b""
    if not 32 <= len(key) <= 64:
        raise ValueError("32 to 64 random bytes in Base64")
    return key
