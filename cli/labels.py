"""`moderation labels export`: what people found, as JSON lines that `moderation train` reads.

The lines hold texts of users: keep the file where such texts may be, and no longer than needed.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

import msgspec

from service.kernel.clock import SystemClock
from service.kernel.db import StorageError, storage_error
from service.review.labels import labelled_texts
from service.settings import SettingsError, load_settings
from service.wiring.store import open_store

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    parser = subparsers.add_parser("labels", description=__doc__)
    commands = parser.add_subparsers(dest="action", required=True)
    export = commands.add_parser("export", help="write a tenant's labelled texts to the output")
    export.add_argument("--tenant", required=True, metavar="T")


def run(args: argparse.Namespace) -> int:
    """Write the lines; 1 when the store is away, and why on stderr."""
    try:
        engine = open_store(load_settings(os.environ))
        now = SystemClock().now()
        try:
            with engine.connect() as conn:
                for found in labelled_texts(conn, args.tenant, now):
                    sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        finally:
            engine.dispose()
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
