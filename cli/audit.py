"""`moderation audit verify`: whether the audit is what was written, all of it, in its order.

Prints a JSON line for each tenant and exits 0; or one line `{"tenant","seq","why"}` for the first
row that is wrong, and exits 1.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

import msgspec

from service.kernel.audit_proof import Flaw, one_moment, tenants_of, verify
from service.kernel.db import StorageError, storage_error
from service.settings import Settings, SettingsError, load_settings
from service.wiring.store import build_witness, find_audit_key, open_store

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    parser = subparsers.add_parser("audit", description=__doc__)
    commands = parser.add_subparsers(dest="action", required=True)
    check = commands.add_parser("verify", help="check the chains of all tenants, or of one")
    check.add_argument("--tenant", metavar="T", help="of this tenant only")


def run(args: argparse.Namespace) -> int:
    """Check; 1 for a flaw, and when it cannot be checked (why on stderr)."""
    try:
        return check_chains(load_settings(os.environ), args.tenant)
    except (SettingsError, StorageError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except Exception as error:
        trouble = storage_error(error)
        if trouble is None:
            raise
        print(trouble, file=sys.stderr)
        return 1


def check_chains(settings: Settings, tenant: str | None) -> int:
    """Check the chains of all tenants, or of one; the exit status."""
    witness = build_witness(settings)
    # Before the store is read: it goes on meanwhile, and must not be behind what was noted.
    noted = {name: witness.newest(name) for name in witness.tenants()}
    key = find_audit_key(settings)
    engine = open_store(settings)
    said = []
    try:
        with one_moment(engine) as conn:
            found = {tenant} if tenant is not None else tenants_of(conn) | set(noted)
            for name in sorted(found):
                result = verify(conn, name, key, noted.get(name))
                if isinstance(result, Flaw):
                    print(msgspec.json.encode(result).decode())
                    return 1
                said.append(msgspec.json.encode(result).decode())
    finally:
        engine.dispose()
    for line in said:
        print(line)
    return 0
