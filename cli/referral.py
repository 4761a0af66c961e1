"""`moderation referral verify`: whether a referral's package is whole and unchanged, offline.

Needs nothing but the file. Prints a JSON line: what the package is with the SHA-256 of its
manifest, and exits 0; or the first thing that is wrong as `{"path","why"}`, and exits 1.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from service.referrals.package import MANIFEST, PackageFlaw, SoundPackage, check

if TYPE_CHECKING:
    from cli.main import Parsers

OTHER: Final = "other: not the manifest whose SHA-256 you were told"


def add_parser(subparsers: Parsers) -> None:
    parser = subparsers.add_parser("referral", description=__doc__)
    commands = parser.add_subparsers(dest="action", required=True)
    verify = commands.add_parser("verify", help="check a package")
    verify.add_argument("file", metavar="FILE", help="the package as it was exported")
    verify.add_argument(
        "--digest", metavar="SHA256", help="of the manifest, as it was told apart from the package"
    )


def run(args: argparse.Namespace) -> int:
    """Check; 1 for a flaw, and when the file cannot be read (why on stderr)."""
    try:
        data = Path(args.file).read_bytes()
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    found: PackageFlaw | SoundPackage = check(data)
    if isinstance(found, SoundPackage) and args.digest not in (None, found.manifest_sha256):
        found = PackageFlaw(MANIFEST, OTHER)
    print(msgspec.json.encode(found).decode())
    return 1 if isinstance(found, PackageFlaw) else 0
