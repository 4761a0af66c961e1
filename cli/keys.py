"""`moderation keys`: make, list and revoke the keys of tenants."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from migrations import upgrade
from service.access import store
from service.access.flow import create_key, create_tenant, revoke_key
from service.access.model import AccessError, ApiKey, Scope
from service.kernel.clock import SystemClock
from service.kernel.db import WRITES, StorageError, storage_error
from service.settings import SettingsError, load_settings
from service.wiring.store import open_store

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    parser = subparsers.add_parser("keys", description=__doc__)
    commands = parser.add_subparsers(dest="action", required=True)
    create = commands.add_parser("create", help="make a key and print it, once")
    create.add_argument("--tenant", required=True, metavar="T", help="made when it is new")
    create.add_argument(
        "--scopes", required=True, metavar="a,b", help=f"some of {', '.join(Scope)}"
    )
    create.add_argument("--days", type=int, metavar="N", help="the key ends after N days")
    commands.add_parser("list", help="every key, without its secret")
    revoke = commands.add_parser("revoke", help="end a key for good")
    revoke.add_argument("id", metavar="ID", help="as `keys list` shows it")


def run(args: argparse.Namespace) -> int:
    """Do what was asked in one transaction; 1 when it cannot be done, and why on stderr."""
    now = SystemClock().now()
    actions: dict[str, Callable[[Connection], int]] = {
        "create": lambda conn: _create(conn, args, now),
        "list": lambda conn: _list(conn, now),
        "revoke": lambda conn: _revoke(conn, args.id, now),
    }
    try:
        engine = open_store(load_settings(os.environ))
        try:
            upgrade(engine)
            with engine.execution_options(**{WRITES: True}).begin() as conn:
                return actions[args.action](conn)
        finally:
            engine.dispose()
    except (AccessError, SettingsError, StorageError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except Exception as error:
        trouble = storage_error(error)
        if trouble is None:
            raise
        print(trouble, file=sys.stderr)
        return 1


def _create(conn: Connection, args: argparse.Namespace, now: datetime) -> int:
    scopes = _read_scopes(args.scopes)
    if args.days is not None and not 1 <= args.days <= 3650:
        raise ValueError("--days: use 1 to 3650")
    if store.find_tenant(conn, args.tenant) is None:
        create_tenant(conn, args.tenant, now=now)
        print(f"tenant {args.tenant} is new and was created", file=sys.stderr)
    expires_at = None if args.days is None else now + timedelta(days=args.days)
    key, secret = create_key(conn, args.tenant, scopes, now=now, expires_at=expires_at)
    print(f"key {key.id}; it is shown this once:", file=sys.stderr)
    print(secret)
    return 0


def _list(conn: Connection, now: datetime) -> int:
    for key in store.list_keys(conn):
        scopes = ",".join(sorted(key.scopes))
        print(f"{key.id}  {key.tenant_id}  {key.hint}…  {scopes}  {_state(key, now)}")
    return 0


def _revoke(conn: Connection, key_id: str, now: datetime) -> int:
    if not revoke_key(conn, key_id, now=now):
        print("there is no key of that id; `keys list` shows them", file=sys.stderr)
        return 1
    print(f"key {key_id} is revoked; running services refuse it within a second")
    return 0


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d %H:%M}Z"
    if key.expires_at is None:
        return "valid"
    word = "valid until" if key.is_valid(now) else "expired"
    return f"{word} {key.expires_at:%Y-%m-%d %H:%M}Z"


def _read_scopes(text: str) -> list[Scope]:
    try:
        return [Scope(word.strip()) for word in text.split(",") if word.strip()]
    except ValueError as error:
        raise ValueError(f"--scopes: use some of {','.join(Scope)}, with commas") from error
