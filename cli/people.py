"""`moderation people`: make people who may sign in, list them, keep them out, renew passwords.

The first person of a tenant is made here, on the machine of the operator.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from getpass import getpass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from migrations import upgrade
from service.access import people_store, store
from service.access.flow import create_tenant
from service.access.model import AccessError, Person, Role
from service.access.passwords import Passwords, check_password
from service.access.people import (
    change_password,
    create_person,
    disable_person,
    enable_person,
)
from service.kernel.clock import SystemClock
from service.kernel.db import WRITES, StorageError, storage_error
from service.settings import SettingsError, load_settings
from service.wiring.store import open_store

if TYPE_CHECKING:
    from cli.main import Parsers

RANDOM_BYTES = 15
"""Of a password made here: 120 bits, 20 characters."""


def add_parser(subparsers: Parsers) -> None:
    parser = subparsers.add_parser("people", description=__doc__)
    commands = parser.add_subparsers(dest="action", required=True)
    create = commands.add_parser("create", help="make somebody and print the password, once")
    create.add_argument("username", metavar="NAME", help="to sign in with; unique in the service")
    create.add_argument("--tenant", required=True, metavar="T", help="made when it is new")
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--account", metavar="ID", help="their own account on the platform")
    password = commands.add_parser("password", help="give a new password; every session ends")
    password.add_argument("username", metavar="NAME")
    for parser_of_password in (create, password):
        parser_of_password.add_argument(
            "--password-stdin",
            action="store_true",
            help="take the password from the first line of the input instead of making one",
        )
    show = commands.add_parser("list", help="everybody, with role and state")
    show.add_argument("--tenant", metavar="T", help="of this tenant only")
    for action, meaning in (
        ("disable", "keep somebody out; every session ends"),
        ("enable", "let somebody in again"),
    ):
        commands.add_parser(action, help=meaning).add_argument("username", metavar="NAME")


def run(args: argparse.Namespace) -> int:
    """Do what was asked in one transaction; 1 when it cannot be done, and why on stderr."""
    now = SystemClock().now()
    actions: dict[str, Callable[[Connection], int]] = {
        "create": lambda conn: _create(conn, args, password, now),
        "password": lambda conn: _renew(conn, args, password, now),
        "list": lambda conn: _list(conn, args.tenant, now),
        "disable": lambda conn: _disable(conn, args.username, now),
        "enable": lambda conn: _enable(conn, args.username, now),
    }
    try:
        # Before the transaction: nobody else could write while somebody thinks of a password.
        password = _take_password(args) if args.action in ("create", "password") else None
        engine = open_store(load_settings(os.environ))
        upgrade(engine)
        with engine.execution_options(**{WRITES: True}).begin() as conn:
            return actions[args.action](conn)
    except (AccessError, SettingsError, StorageError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except Exception as error:
        trouble = storage_error(error)
        if trouble is None:
            raise
        print(trouble, file=sys.stderr)
        return 1


@dataclass(frozen=True, slots=True)
class _Password:
    plain: str
    hash: str


def _create(
    conn: Connection, args: argparse.Namespace, password: _Password | None, now: datetime
) -> int:
    assert password is not None
    is_new = store.find_tenant(conn, args.tenant) is None
    if is_new:
        create_tenant(conn, args.tenant, now=now)
    person = create_person(
        conn,
        args.tenant,
        args.username,
        Role(args.role),
        password_hash=password.hash,
        now=now,
        account_id=args.account,
    )
    if is_new:
        print(f"tenant {args.tenant} is new and was created", file=sys.stderr)
    _tell_password(args, person, password)
    return 0


def _renew(
    conn: Connection, args: argparse.Namespace, password: _Password | None, now: datetime
) -> int:
    assert password is not None
    person = change_password(conn, args.username, password.hash, now=now)
    _tell_password(args, person, password)
    return 0


def _list(conn: Connection, tenant: str | None, now: datetime) -> int:
    for person in people_store.list_people(conn, tenant):
        account = person.account_id or "-"
        print(
            f"{person.username}  {person.tenant_id}  {person.role}  {account}"
            f"  {_state(person, now)}"
        )
    return 0


def _disable(conn: Connection, username: str, now: datetime) -> int:
    ended = disable_person(conn, username, now=now)
    print(f"{username.lower()} is kept out; sessions that ended: {ended}")
    return 0


def _enable(conn: Connection, username: str, now: datetime) -> int:
    print(f"{enable_person(conn, username, now=now).username} may sign in again")
    return 0


def _take_password(args: argparse.Namespace) -> _Password:
    if not args.password_stdin:
        plain = secrets.token_urlsafe(RANDOM_BYTES)
    elif sys.stdin.isatty():
        plain = getpass()
    else:
        plain = sys.stdin.readline().rstrip("\r\n")
    check_password(plain)
    return _Password(plain, Passwords().hash(plain))


def _tell_password(args: argparse.Namespace, person: Person, password: _Password) -> None:
    print(f"{person.username} ({person.role} of {person.tenant_id})", file=sys.stderr)
    if not args.password_stdin:
        print("the password is shown this once:", file=sys.stderr)
        print(password.plain)


def _state(person: Person, now: datetime) -> str:
    if person.disabled_at is not None:
        return f"kept out since {person.disabled_at:%Y-%m-%d %H:%M}Z"
    if person.is_locked(now):
        return f"locked until {person.locked_until:%Y-%m-%d %H:%M}Z"
    return "may sign in"
