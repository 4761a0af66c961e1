"""The gate in C (`gate.c`), where it was compiled; `models.match.gate` says what it is."""

from collections.abc import Callable

class Gate:
    def __init__(
        self,
        describe: Callable[[int], tuple[str, str, int]],
        parts: Callable[[str, list[str]], bool],
        patterns: list[str],
        kinds: bytes,
        made: str,
        labels: bytes,
        sounding: list[str],
        forms: tuple[str, ...],
        symbols: list[str],
        pairs: list[str],
        likes: str,
        syllables: dict[str, str],
    ) -> None: ...
    def fold(self, text: str, /) -> str | None: ...
    def look(
        self, folded: str, words: list[str], /
    ) -> tuple[str, str, int, tuple[tuple[int, int, int, bool], ...]] | None: ...
