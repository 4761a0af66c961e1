"""Demo mode's data: two tenants with a key and people each, written down for whoever tries it.

The file is `demo.json` in the data folder, readable by its owner only. Keys and passwords are made
once and kept for as long as they open something, so that a restart breaks nobody's script.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from cli.demo_people import DemoPerson, prepare_people
from cli.supervise import base_url
from migrations import upgrade
from service.access import store
from service.access.flow import authenticate, create_key, create_tenant
from service.access.model import Scope, Unauthenticated
from service.kernel.audit import MACHINE
from service.kernel.clock import SystemClock
from service.kernel.db import WRITES, storage_error
from service.kernel.demo_clock import read_offset, write_offset
from service.kernel.redis_address import embedded_url
from service.policy import catalogue
from service.settings import Settings, SettingsError, load_settings
from service.uploads.banks import store as banks
from service.uploads.banks.flow import import_bank
from service.uploads.banks.model import BankKind, BankMode
from service.wiring.store import open_store

if TYPE_CHECKING:
    from cli.main import Parsers

TENANTS = {"demo": "示例平台 · Demo platform", "demo-2": "示例平台二 · Second demo platform"}
BANK = "demo-domains"
DOMAINS = ("casino.example", "betting.example", "lucky-draw.example")
SAMPLE_RATE = 0.01
"""Share of allowed texts that demo tenants keep (contract, section 3)."""


def add_parser(subparsers: Parsers) -> None:
    subparsers.add_parser("demo", description=__doc__)


def run(args: argparse.Namespace) -> int:
    """Migrate the store, make what is missing, and write the file; 1 when the store is away."""
    try:
        settings = load_settings(os.environ)
        engine = open_store(settings)
    except (SettingsError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        upgrade(engine)
        path = settings.data_dir / "demo.json"
        with engine.execution_options(**{WRITES: True}).begin() as conn:
            now = SystemClock().now()
            if settings.demo_now is not None:
                write_offset(conn, settings.demo_now - now)
            now += read_offset(conn)
            tenants = prepare_tenants(conn, read_keys(path), now=now)
            for tenant in TENANTS:
                prepare_bank(conn, tenant, now=now)
            passwords = read_passwords(path)
            people = [
                person
                for tenant in TENANTS
                for person in prepare_people(conn, tenant, passwords, now=now)
            ]
        write_privately(path, describe(settings, tenants, people))
    except Exception as error:
        trouble = storage_error(error)
        if trouble is None:
            raise
        print(trouble, file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    return 0


def prepare_tenants(
    conn: Connection, keys: dict[str, str], *, now: datetime
) -> list[dict[str, str]]:
    """Make the tenants that are missing, and a key for each whose key in `keys` opens nothing.

    Returns `{"id", "api_key"}` for each tenant, in order.
    """
    prepared = []
    for tenant, name in TENANTS.items():
        if store.find_tenant(conn, tenant) is None:
            create_tenant(conn, tenant, now=now, name=name, allow_sample_rate=SAMPLE_RATE)
        secret = keys.get(tenant, "")
        if not opens(conn, tenant, secret, now=now):
            _, secret = create_key(conn, tenant, Scope, now=now)
        prepared.append({"id": tenant, "api_key": secret})
    return prepared


def prepare_bank(conn: Connection, tenant: str, *, now: datetime) -> None:
    """Give a tenant a bank of domains that are reserved for examples, unless it has one."""
    if banks.get(conn, tenant, BANK) is None:
        import_bank(
            conn,
            DOMAINS,
            tenant_id=tenant,
            name=BANK,
            kind=BankKind.DOMAIN,
            label="3.4.1.7/gambling",
            mode=BankMode.REVIEW,
            source="reserved for examples (RFC 2606)",
            distance=None,
            labels=catalogue.load().clauses.keys(),
            actor=MACHINE,
            now=now,
        )


def opens(conn: Connection, tenant: str, secret: str, *, now: datetime) -> bool:
    """Whether `secret` is a key of `tenant` with every scope."""
    try:
        principal, _ = authenticate(conn, f"Bearer {secret}", now=now)
    except Unauthenticated:
        return False
    return principal.tenant_id == tenant and principal.scopes == frozenset(Scope)


def read_keys(path: Path) -> dict[str, str]:
    """The keys by tenant in an earlier file; empty when there is none that can be read."""
    try:
        tenants = json.loads(path.read_text(encoding="utf-8"))["tenants"]
        return {str(tenant["id"]): str(tenant["api_key"]) for tenant in tenants}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def read_passwords(path: Path) -> dict[str, str]:
    """The passwords by username in an earlier file; empty when there is none that can be read."""
    try:
        people = json.loads(path.read_text(encoding="utf-8"))["reviewers"]
        return {str(person["username"]): str(person["password"]) for person in people}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def describe(
    settings: Settings, tenants: list[dict[str, str]], people: Sequence[DemoPerson]
) -> dict[str, Any]:
    """The content of the file; `redis_url` is part of its form already."""
    return {
        "base_url": base_url(settings.host, settings.port),
        "api_key": tenants[0]["api_key"],
        "redis_url": settings.redis_url or embedded_url(settings.data_dir),
        "database_url": settings.database_url,
        "tenants": tenants,
        "reviewers": [asdict(person) for person in people],
    }


def write_privately(path: Path, content: dict[str, Any]) -> None:
    """Replace the file at once, so that no reader sees half of it; mode 0600 from the start."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".demo-", suffix=".json")
    temporary = Path(name)
    try:
        with open(number, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(content, file, ensure_ascii=False, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
