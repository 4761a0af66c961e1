"""The rules of malware: compiled before a file is read, then matched against each piece of it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Final

SHIPPED: Final = resources.files("service.uploads") / "rules"
_MOST_SECONDS: Final = 10


def _sources(folder: Path | None) -> Iterator[str]:
    places = [SHIPPED, *([folder] if folder else [])]
    for place in places:
        for file in sorted(place.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".yar"):
                yield file.read_text(encoding="utf-8")


class Rules:
    """The shipped rules and an operator's own; `complete` tells whether all could be compiled."""

    def __init__(self, folder: Path | None = None) -> None:
        import yara_x

        compiler = yara_x.Compiler()
        self.complete = True
        try:
            for source in _sources(folder):
                try:
                    compiler.add_source(source)
                except yara_x.CompileError:
                    self.complete = False
        except OSError:
            self.complete = False
        self._scanner: Any = yara_x.Scanner(compiler.build())
        self._scanner.set_timeout(_MOST_SECONDS)
        self._timeout: type[Exception] = yara_x.TimeoutError

    def match(self, data: bytes) -> list[str]:
        """The names of the rules that the bytes match."""
        try:
            found = self._scanner.scan(data)
        except self._timeout:
            self.complete = False
            return []
        return [rule.identifier for rule in found.matching_rules]
