"""`moderation settings`: every setting with its default, present value and meaning."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from service.settings import SettingsError, describe, load_settings, unknown_variables

if TYPE_CHECKING:
    from cli.main import Parsers


def add_parser(subparsers: Parsers) -> None:
    subparsers.add_parser("settings", description=__doc__)


def run(args: argparse.Namespace) -> int:
    """Print the table; 1 when a setting has a value that is not allowed."""
    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    for line in describe(settings):
        print(line.variable)
        print(f"  {line.meaning}")
        print(f"  default: {line.default or '(none)'}")
        print(f"  now:     {line.value or '(none)'}")
    for variable in unknown_variables(os.environ):
        print(f"{variable}: there is no such setting; it has no effect", file=sys.stderr)
    return 0
