"""Use cases about people: make them, give a new password, keep them out and let them in again."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection

from service.access import people_store, store
from service.access.model import (
    Person,
    Role,
    UnknownPerson,
    UnknownTenant,
    UsernameTaken,
    WrongAccess,
)
from service.kernel.audit import Actor, record
from service.kernel.ids import new_id

MAX_ACCOUNT = 256
"""Longest account id in code points, as in a submission."""

OPERATOR = Actor("machine", "operator")
"""Who works on the machine itself, by commands."""

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}\Z")


def read_username(typed: str) -> str | None:
    """The name somebody means, whatever its case; None when nobody can have it."""
    name = typed.strip().lower()
    return name if _USERNAME.match(name) else None


def create_person(
    conn: Connection,
    tenant_id: str,
    username: str,
    role: Role,
    *,
    password_hash: str,
    now: datetime,
    account_id: str | None = None,
    actor: Actor = OPERATOR,
) -> Person:
    """Somebody new; `password_hash` is `Passwords.hash` of a password that was checked.

    Raises `WrongAccess` for a name that cannot be, `UsernameTaken` and `UnknownTenant`.
    """
    name = read_username(username)
    if name is None:
        raise WrongAccess(
            "username: use 1 to 64 of a to z, digits, '.', '_', '-' and '@', beginning with a"
            " letter or digit"
        )
    if account_id is not None and not 1 <= len(account_id) <= MAX_ACCOUNT:
        raise WrongAccess(f"account: use 1 to {MAX_ACCOUNT} characters")
    if store.find_tenant(conn, tenant_id) is None:
        raise UnknownTenant(f"tenant {tenant_id}: does not exist; create it first")
    if people_store.find_person(conn, name) is not None:
        raise UsernameTaken(f"username {name}: somebody has it already; choose another one")
    person = Person(
        id=new_id(now),
        tenant_id=tenant_id,
        username=name,
        role=role,
        password_hash=password_hash,
        account_id=account_id,
        created_at=now,
    )
    people_store.insert_person(conn, person)
    _write_down(conn, person, "created", actor, now)
    return person


def change_password(
    conn: Connection, username: str, password_hash: str, *, now: datetime, actor: Actor = OPERATOR
) -> Person:
    """Replace a password: every session ends and a lock with it. Raises `UnknownPerson`."""
    person = find_person(conn, username)
    people_store.set_password(conn, person.id, password_hash)
    people_store.revoke_sessions_of(conn, person.id, now)
    _write_down(conn, person, "given_password", actor, now)
    return person


def disable_person(
    conn: Connection, username: str, *, now: datetime, actor: Actor = OPERATOR
) -> int:
    """Keep somebody out from now on; how many sessions that ended. Raises `UnknownPerson`.

    The person stays on record, since decisions name them.
    """
    person = find_person(conn, username)
    if person.disabled_at is None:
        people_store.mark_disabled(conn, person.id, now)
        _write_down(conn, person, "disabled", actor, now)
    return people_store.revoke_sessions_of(conn, person.id, now)


def enable_person(
    conn: Connection, username: str, *, now: datetime, actor: Actor = OPERATOR
) -> Person:
    """Let somebody in again who was kept out. Raises `UnknownPerson`."""
    person = find_person(conn, username)
    if person.disabled_at is not None:
        people_store.mark_disabled(conn, person.id, None)
        _write_down(conn, person, "enabled", actor, now)
    return person


def find_person(conn: Connection, username: str) -> Person:
    """Whoever has this name. Raises `UnknownPerson`."""
    name = read_username(username)
    person = None if name is None else people_store.find_person(conn, name)
    if person is None:
        raise UnknownPerson("username: nobody has it; `moderation people list` shows who is there")
    return person


def _write_down(conn: Connection, person: Person, what: str, actor: Actor, now: datetime) -> None:
    record(
        conn,
        tenant_id=person.tenant_id,
        now=now,
        actor=actor,
        action=f"person.{what}",
        subject=("person", person.id),
        detail={"role": person.role.value},
    )
