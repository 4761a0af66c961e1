"""A whole service over a store of its own, and a judge that does what the text says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection
from starlette.testclient import TestClient

from migrations import upgrade
from service.access import people_store
from service.access.flow import create_key, create_tenant
from service.access.model import Role, Scope, SessionKind
from service.access.passwords import Passwords
from service.access.people import create_person
from service.access.sessions import make_session
from service.app import create_app
from service.kernel.db import WRITES, open_engine
from service.policy.model import Category, Hit, Judgement, Reasons, Severity, Verdict, Versions
from service.settings import load_settings
from service.wiring.api import Services, build_services

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PASSWORD = "eight words of a long pass phrase"
"""Of everybody in every test store."""

VERSIONS = Versions(agreement="2023-03-16", policy="p", wordlists="w", model="m", service="0")


class WordJudge:
    """Blocks texts with 坏 or 赌博, reviews those with 疑, allows the rest; counts its work."""

    has_model = True
    versions = VERSIONS

    def __init__(self) -> None:
        self.judged = 0
        self.marks = (
            ("坏", Verdict.BLOCK),
            ("赌博", Verdict.BLOCK),
            ("疑", Verdict.REVIEW),
            ("近", Verdict.ALLOW),
        )

    def without_model(self) -> WordJudge:
        return self

    def demanding(self, assent: float) -> WordJudge:
        return self

    def judge(self, text: str, surface: str = "im.message") -> Judgement:
        self.judged += 1
        for mark, verdict in self.marks:
            if mark in text:
                at = text.index(mark)
                hit = Hit("wordlist", "gambling", mark, mark, mark, at, at + len(mark))
                found = Category(
                    "3.4.1.7", "gambling", 0.97, Severity.HIGH, verdict, ("wordlist",), (hit,)
                )
                return Judgement(verdict, (found,), Reasons("有", "found"), VERSIONS)
        return Judgement(Verdict.ALLOW, (), Reasons("无", "nothing"), VERSIONS)


class TestClock:
    """A clock that stands until it is moved."""

    __test__ = False

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class Door:
    """A client of a running service, and what stands behind it."""

    client: TestClient
    services: Services
    judge: WordJudge
    clock: TestClock
    path: Path
    keys: dict[str, str]

    def post(self, body: Any, *, path: str = "/v1/moderations", **headers: str) -> Any:
        """POST JSON with the first tenant's key; header names have _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, json=body, headers=self.auth() | named)

    def get(self, path: str, tenant: str = "a") -> Any:
        return self.client.get(path, headers=self.auth(tenant))

    def auth(self, tenant: str = "a") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[tenant]}"}

    def auth_as(self, role: str, tenant: str = "a") -> dict[str, str]:
        """The header of a person of this role (`reviewer-2` is the second), signed in at START."""
        return {"Authorization": f"Bearer {self.keys[f'{tenant}.{role}']}"}

    def sign_in(self, role: str, tenant: str = "a") -> None:
        """Give the client the cookie of a person; `client.cookies.clear()` takes it away."""
        self.client.cookies.set("session", self.keys[f"{tenant}.{role}:web"])


@contextmanager
def open_door(
    folder: Path,
    *,
    url: str = "",
    keys: dict[str, str] | None = None,
    busy_seconds: float = 2.0,
    judge: Any = None,
    scanner: Any = None,
    **settings: Any,
) -> Iterator[Door]:
    """A service with tenants `a` and `b` (all scopes), a key for each scope (`a:read`), and in
    each a person of every role, two reviewers and two appeal reviewers (`a.reviewer-2`).

    Without `url` over a new SQLite file in `folder`; with `keys` over the one of an earlier door.
    """
    path = folder / "store.sqlite3"
    if url:
        keys = keys or prepare(url)
    elif keys is None:
        content, keys = _prepared_file()
        path.write_bytes(content)
    url = url or f"sqlite:///{path}"
    judge, clock = judge or WordJudge(), TestClock()
    chosen = load_settings({"MODERATION_DATA_DIR": str(folder), "DATABASE_URL": url})
    services = build_services(
        replace(chosen, **settings),
        judge=judge,
        clock=clock,
        scanner=scanner,
        engine=open_engine(url, busy_seconds=busy_seconds),
    )
    with TestClient(
        create_app(services),
        base_url="http://127.0.0.1",  # where cookies need no TLS
        raise_server_exceptions=False,
        follow_redirects=False,
    ) as client:
        yield Door(client, services, judge, clock, path, keys)


@cache
def _prepared_file() -> tuple[bytes, dict[str, str]]:
    """A SQLite file with tables, tenants, keys and people, made once: migrating takes a while."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "store.sqlite3")
        keys = prepare(f"sqlite:///{path}")
        return path.read_bytes(), keys


def prepare(url: str) -> dict[str, str]:
    """Tables, tenants, keys and people."""
    engine = open_engine(url)
    upgrade(engine)
    keys: dict[str, str] = {}
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        for tenant in ("a", "b"):
            create_tenant(conn, tenant, now=START)
            _, keys[tenant] = create_key(conn, tenant, Scope, now=START)
        for scope in Scope:
            _, keys[f"a:{scope}"] = create_key(conn, "a", [scope], now=START)
        _create_people(conn, keys)
    engine.dispose()
    return keys


PEOPLE = (*Role, "reviewer-2", "appeal_reviewer-2")


def _create_people(conn: Connection, keys: dict[str, str]) -> None:
    """People named like `a.reviewer`, and for each a token (`a.reviewer`) and a cookie
    (`a.reviewer:web`) among the keys; their own account is `own-a.reviewer`."""
    hashed = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).hash(PASSWORD)
    for tenant in ("a", "b"):
        for name in PEOPLE:
            full = f"{tenant}.{name}"
            role = Role(name.removesuffix("-2"))
            person = create_person(
                conn,
                tenant,
                full,
                role,
                password_hash=hashed,
                now=START,
                account_id=f"own-{full}",
            )
            for kind, key in ((SessionKind.API, full), (SessionKind.WEB, f"{full}:web")):
                keys[key], session = make_session(person, kind, now=START)
                people_store.insert_session(conn, session)
