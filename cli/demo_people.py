"""The people of demo mode: in each tenant some of every role, with passwords written down.

Passwords are made once and kept for as long as they open something, so that a restart breaks
nobody's script.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.access import people_store
from service.access.model import Role
from service.access.passwords import Passwords
from service.access.people import create_person

OFTEN = {Role.REVIEWER: 2, Role.APPEAL_REVIEWER: 2}
"""Two of each role in which people relieve each other; of the others one."""

RANDOM_BYTES = 15


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One of the demo's people, as `demo.json` names them."""

    tenant: str
    role: str
    username: str
    password: str
    account_id: str


def prepare_people(
    conn: Connection, tenant: str, passwords: Mapping[str, str], *, now: datetime
) -> list[DemoPerson]:
    """Make those of a tenant who are missing; `passwords` are what is written down by name.

    Whoever is there, but with a password that nobody knows, gets a new one.
    """
    hashing = Passwords()
    prepared = []
    is_trusted: bool | None = None
    for role, name in list_names():
        username = f"{tenant}.{name}"
        account_id = f"u-{name}"
        password = passwords.get(username) or secrets.token_urlsafe(RANDOM_BYTES)
        person = people_store.find_person(conn, username)
        if person is None:
            create_person(
                conn,
                tenant,
                username,
                role,
                password_hash=hashing.hash(password),
                now=now,
                account_id=account_id,
            )
        else:
            # One stands for all, since they are written together and each takes a while.
            if is_trusted is None:
                is_trusted = hashing.matches(person.password_hash, password)
            if not is_trusted or username not in passwords:
                people_store.set_password(conn, person.id, hashing.hash(password))
        prepared.append(DemoPerson(tenant, role, username, password, account_id))
    hashing.close()
    return prepared


def list_names() -> Iterator[tuple[Role, str]]:
    """Every person of a demo tenant: role and name, `reviewer-1`, `reviewer-2`, `auditor`, …"""
    for role in Role:
        count = OFTEN.get(role, 1)
        for number in range(1, count + 1):
            yield role, f"{role}-{number}" if count > 1 else role.value
