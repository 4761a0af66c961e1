"""Tables of people and their sessions, and the queries on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    case,
    delete,
    literal,
    or_,
    select,
)

from service.access.model import SESSION_IDLES, Person, Role, Session, SessionKind
from service.kernel.db import UtcDateTime, metadata

people = Table(
    "people",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("tenant_id", String(64), ForeignKey("tenants.id"), nullable=False, index=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("role", String(32), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("account_id", Text),
    Column("failures", Integer, nullable=False),
    Column("locked_until", UtcDateTime),
    Column("disabled_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("person_id", String(36), ForeignKey("people.id"), nullable=False, index=True),
    Column("tenant_id", String(64), ForeignKey("tenants.id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)


def insert_person(conn: Connection, person: Person) -> None:
    """Add somebody to a tenant that exists; SQLAlchemy's `IntegrityError` when the name is
    taken."""
    conn.execute(
        people.insert().values(
            id=person.id,
            tenant_id=person.tenant_id,
            username=person.username,
            role=person.role.value,
            password_hash=person.password_hash,
            account_id=person.account_id,
            failures=person.failures,
            locked_until=person.locked_until,
            disabled_at=person.disabled_at,
            created_at=person.created_at,
        )
    )


def find_person(conn: Connection, username: str) -> Person | None:
    """Whoever signs in by this name."""
    row = conn.execute(select(people).where(people.c.username == username)).first()
    return None if row is None else _person(row)


def list_people(conn: Connection, tenant_id: str | None = None) -> list[Person]:
    """Everybody, or everybody of a tenant, by tenant and name."""
    query = select(people).order_by(people.c.tenant_id, people.c.username)
    if tenant_id is not None:
        query = query.where(people.c.tenant_id == tenant_id)
    return [_person(row) for row in conn.execute(query)]


def count_failure(conn: Connection, person_id: str, *, most: int, locked_until: datetime) -> bool:
    """One more wrong password; with the `most`th a lock begins and the count starts anew.

    Whether it was that one.
    """
    is_over = people.c.failures + 1 >= most
    left: int | None = conn.scalar(
        people.update()
        .where(people.c.id == person_id)
        .values(
            failures=case((is_over, 0), else_=people.c.failures + 1),
            locked_until=case(
                (is_over, literal(locked_until, UtcDateTime)), else_=people.c.locked_until
            ),
        )
        .returning(people.c.failures)
    )
    return left == 0


def clear_failures(conn: Connection, person_id: str) -> None:
    """The right password has come."""
    conn.execute(
        people.update().where(people.c.id == person_id).values(failures=0, locked_until=None)
    )


def set_password(conn: Connection, person_id: str, password_hash: str) -> None:
    """Replace a password; its new holder starts without failures and without a lock."""
    conn.execute(
        people.update()
        .where(people.c.id == person_id)
        .values(password_hash=password_hash, failures=0, locked_until=None)
    )


def mark_disabled(conn: Connection, person_id: str, disabled_at: datetime | None) -> None:
    """Keep somebody out, or with None let them in again."""
    conn.execute(people.update().where(people.c.id == person_id).values(disabled_at=disabled_at))


def insert_session(conn: Connection, session: Session) -> None:
    """Add a session of a person who exists."""
    conn.execute(
        sessions.insert().values(
            digest=session.digest,
            person_id=session.person_id,
            tenant_id=session.tenant_id,
            kind=session.kind.value,
            created_at=session.created_at,
            expires_at=session.expires_at,
            seen_at=session.seen_at,
            revoked_at=session.revoked_at,
        )
    )


def find_session(conn: Connection, digest: bytes) -> tuple[Session, Person] | None:
    """The session whose token has this SHA-256, with its person."""
    found = conn.execute(select(sessions).where(sessions.c.digest == digest)).first()
    if found is None:
        return None
    row = conn.execute(select(people).where(people.c.id == found.person_id)).first()
    return None if row is None else (_session(found), _person(row))


def mark_seen(conn: Connection, digest: bytes, now: datetime) -> None:
    """Note that a session is in use."""
    conn.execute(sessions.update().where(sessions.c.digest == digest).values(seen_at=now))


def revoke_session(conn: Connection, digest: bytes, now: datetime) -> None:
    """End a session for good."""
    conn.execute(
        sessions.update()
        .where(sessions.c.digest == digest, sessions.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoke_sessions_of(conn: Connection, person_id: str, now: datetime) -> int:
    """End every session of a person; how many there were."""
    return conn.execute(
        sessions.update()
        .where(sessions.c.person_id == person_id, sessions.c.revoked_at.is_(None))
        .values(revoked_at=now)
    ).rowcount


def purge_sessions(conn: Connection, now: datetime, limit: int = 1_000) -> int:
    """Forget up to `limit` sessions that are over, whatever ended them; how many it were."""
    ended = (
        select(sessions.c.digest)
        .where(
            or_(
                sessions.c.expires_at <= now,
                sessions.c.seen_at <= now - SESSION_IDLES,
                sessions.c.revoked_at.is_not(None),
            )
        )
        .limit(limit)
    )
    return conn.execute(delete(sessions).where(sessions.c.digest.in_(ended))).rowcount


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        tenant_id=row.tenant_id,
        username=row.username,
        role=Role(row.role),
        password_hash=row.password_hash,
        account_id=row.account_id,
        failures=row.failures,
        locked_until=row.locked_until,
        disabled_at=row.disabled_at,
        created_at=row.created_at,
    )


def _session(row: Row[Any]) -> Session:
    return Session(
        digest=row.digest,
        person_id=row.person_id,
        tenant_id=row.tenant_id,
        kind=SessionKind(row.kind),
        created_at=row.created_at,
        expires_at=row.expires_at,
        seen_at=row.seen_at,
        revoked_at=row.revoked_at,
    )
