"""The locks are current, complete in their hashes, and tell nothing of where packages came from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]]
DEV = [*RUNTIME, *PROJECT["project"]["optional-dependencies"]["dev"]]
LOCKS = {"requirements.lock": RUNTIME, "requirements-dev.lock": DEV}
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^ ;\\]+)")


def read(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, set[Version]]:
    """Every version that the lock names for a package; markers may give several."""
    found: dict[str, set[Version]] = {}
    for line in read(lock).splitlines():
        match = PIN.match(line)
        if match:
            name = canonicalize_name(match["name"])
            found.setdefault(name, set()).add(Version(match["version"]))
    return found


@pytest.mark.parametrize(
    ("lock", "wanted"), [(lock, it) for lock, all_ in LOCKS.items() for it in all_]
)
def test_every_requirement_is_pinned_to_a_version_it_allows(lock: str, wanted: str) -> None:
    requirement = Requirement(wanted)
    versions = pins(lock).get(canonicalize_name(requirement.name), set())
    assert versions, f"{lock} lacks {wanted}: compile it anew, see CONTRIBUTING.md"
    assert all(version in requirement.specifier for version in versions)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    entries = re.split(r"(?m)^(?=\S)", read(lock))
    bare = [entry for entry in entries if PIN.match(entry) and "--hash=sha256:" not in entry]
    assert bare == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_an_address(lock: str) -> None:
    assert re.findall(r"\w+://|--index|--find-links|--extra-index|@ ", read(lock)) == []


def test_the_dev_lock_pins_what_the_runtime_lock_pins() -> None:
    dev = pins("requirements-dev.lock")
    assert {name: it for name, it in pins("requirements.lock").items() if dev.get(name) != it} == {}
