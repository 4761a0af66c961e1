"""Links are made, opened and revoked, in the caller's transaction."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.kernel.audit import Actor, record
from service.kernel.ids import new_id
from service.notices.links import store
from service.notices.links.model import LASTS, TOKEN_BYTES, Link, digest_of, write_token


def make(
    conn: Connection,
    *,
    tenant_id: str,
    account_id: str,
    actor: Actor,
    now: datetime,
    lasts: timedelta = LASTS,
    token: str | None = None,
) -> tuple[Link, str]:
    """A new link with its token, which nobody can read again: hand it over at once."""
    token = token or write_token(secrets.token_bytes(TOKEN_BYTES))
    digest = digest_of(token)
    if digest is None:
        raise ValueError("token: 32 bytes in URL-safe Base64")
    link = Link(
        tenant_id=tenant_id,
        id=new_id(now),
        account_id=account_id,
        digest=digest,
        created_at=now,
        expires_at=now + lasts,
    )
    store.insert(conn, link)
    record(
        conn,
        tenant_id=tenant_id,
        now=now,
        actor=actor,
        action="link.made",
        subject=("link", link.id),
        detail={"expires_at": link.expires_at.isoformat()},
    )
    return link, token


def open_link(conn: Connection, token: str, now: datetime) -> Link | None:
    """The link of a token that still opens something; None for every other."""
    digest = digest_of(token)
    link = None if digest is None else store.find(conn, digest)
    return link if link is not None and link.is_valid(now) else None


def revoke_all(
    conn: Connection, tenant_id: str, account_id: str, *, actor: Actor, now: datetime
) -> int:
    """Revoke every link of an account; how many still opened something."""
    count = store.revoke(conn, tenant_id, account_id, now)
    if count:
        record(
            conn,
            tenant_id=tenant_id,
            now=now,
            actor=actor,
            action="link.revoked",
            subject=("account", account_id),
            detail={"count": count},
        )
    return count
