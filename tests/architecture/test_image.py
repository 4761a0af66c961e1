"""What the image is built from is there: the builder is sent all that the Dockerfile copies."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = re.compile(r"^COPY (?!--from)(?P<sources>.+) \S+$", re.MULTILINE)


def lines(name: str) -> list[str]:
    return (ROOT / name).read_text("utf-8").splitlines()


def test_everything_that_is_copied_is_sent_to_the_builder() -> None:
    dockerfile = "\n".join(lines("Dockerfile"))
    copied = {word for match in COPY.finditer(dockerfile) for word in match["sources"].split()}
    sent = {line.removeprefix("!") for line in lines(".dockerignore") if line.startswith("!")}
    assert copied == sent
    assert "workers" in copied
    assert all((ROOT / source).exists() for source in copied)


def test_every_package_of_the_wheel_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    copied = {match["sources"] for match in COPY.finditer("\n".join(lines("Dockerfile")))}
    assert set(packages) <= copied
