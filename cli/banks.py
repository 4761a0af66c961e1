"""`moderation banks`: known bad content that files are held against, in versions.

A file of a bank has one entry a line (`#` begins a remark): SHA-256 digests of files or of pictures
in them, perceptual hashes of pictures (imagehash's `phash`, 16 hexadecimal digits), or domains,
which count with all below them; these may also come as a hosts file (`0.0.0.0 bad.example`) or as
rules of a blocker (`||bad.example^`). An import is the bank's next version and replaces the one
before. docs/banks.md shows how.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from service.access.store import find_tenant
from service.kernel.audit import Actor
from service.kernel.clock import SystemClock
from service.kernel.db import WRITES, StorageError, storage_error
from service.policy import catalogue
from service.settings import SettingsError, load_settings
from service.uploads.banks import store
from service.uploads.banks.flow import export_bank, import_bank
from service.uploads.banks.model import BankError, BankKind, BankMode
from service.wiring.store import open_store

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    parser = subparsers.add_parser("banks", description=__doc__)
    commands = parser.add_subparsers(dest="action", required=True)
    imports = commands.add_parser("import", help="make the file's entries the bank's next version")
    imports.add_argument("file", type=Path, metavar="FILE")
    imports.add_argument("--kind", required=True, choices=[kind.value for kind in BankKind])
    imports.add_argument("--label", required=True, help="what the entries are, 3.4.1.7/gambling")
    imports.add_argument("--source", required=True, help="where they come from")
    imports.add_argument(
        "--mode",
        default=BankMode.REVIEW.value,
        choices=[mode.value for mode in BankMode],
        help="block, where the label may be, or only bring before a person (default: review)",
    )
    imports.add_argument(
        "--threshold",
        type=int,
        metavar="BITS",
        help="of perceptual hashes: how many of the 64 bits may differ (default: 6)",
    )
    export = commands.add_parser("export", help="write a bank's entries to the output")
    export.add_argument("--version", type=int, metavar="N", help="as they were in this version")
    listing = commands.add_parser("list", help="the banks of a tenant")
    for command in (imports, export, listing):
        command.add_argument("--tenant", required=True, metavar="T")
    for command in (imports, export):
        command.add_argument("--name", required=True, help="of the bank")


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 1 when it cannot be done, and why on stderr, 2 for an unfit file."""
    work = {"import": _import, "export": _export, "list": _list}[args.action]
    try:
        engine = open_store(load_settings(os.environ))
        try:
            with engine.execution_options(**{WRITES: args.action == "import"}).begin() as conn:
                if find_tenant(conn, args.tenant) is None:
                    print("--tenant: there is no such tenant", file=sys.stderr)
                    return 1
                work(conn, args)
        finally:
            engine.dispose()
    except BankError as error:
        print(error, file=sys.stderr)
        return 2
    except (SettingsError, StorageError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except Exception as error:
        trouble = storage_error(error)
        if trouble is None:
            raise
        print(trouble, file=sys.stderr)
        return 1
    return 0


def _import(conn: Connection, args: argparse.Namespace) -> None:
    with args.file.open(encoding="utf-8") as lines:
        bank, count = import_bank(
            conn,
            lines,
            tenant_id=args.tenant,
            name=args.name,
            kind=BankKind(args.kind),
            label=args.label,
            mode=BankMode(args.mode),
            source=args.source,
            distance=args.threshold,
            labels=catalogue.load().clauses.keys(),
            actor=Actor("machine", None),
            now=SystemClock().now(),
        )
    print(f"{bank.name}: version {bank.version}, {count} entries")


def _export(conn: Connection, args: argparse.Namespace) -> None:
    for value in export_bank(conn, args.tenant, args.name, args.version):
        print(value)


def _list(conn: Connection, args: argparse.Namespace) -> None:
    for bank in store.all_of(conn, args.tenant):
        threshold = f" ±{bank.distance}" if bank.kind is BankKind.PHASH else ""
        print(
            f"{bank.name} v{bank.version} {bank.kind.value}{threshold} {bank.label} "
            f"{bank.mode.value} · {bank.source}"
        )
