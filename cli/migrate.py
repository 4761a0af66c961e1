"""`moderation migrate`: bring the store to the form that this version needs."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from migrations import upgrade
from service.kernel.db import StorageError, open_engine, storage_error
from service.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    subparsers.add_parser("migrate", description=__doc__)


def run(args: argparse.Namespace) -> int:
    """Upgrade the store; may be run at any time and any number of times."""
    try:
        engine = open_engine(load_settings(os.environ).database_url)
    except (SettingsError, StorageError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        was, is_ = upgrade(engine)
    except Exception as error:
        trouble = storage_error(error)
        if trouble is None:
            raise
        print(trouble, file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    print(f"the store is at {is_}" + ("" if was == is_ else f" (was {was or 'empty'})"))
    return 0
