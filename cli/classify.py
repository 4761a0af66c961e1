"""`./run classify`: JSON lines in, results out, in order; no store, no queue, no server.

Each line is an object with `text` and, if wanted, `id` and `surface`; other fields are ignored. A
line that cannot be judged gives `{"error":{problem}}` in its place.
"""

from __future__ import annotations

import argparse
import os
import select
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from models.classifier.artefact import ArtefactError
from service.kernel.clock import Clock, SystemClock
from service.kernel.problems import Flaw, Problem, as_object, invalid
from service.kernel.strict_json import duplicate_keys, explain, has_duplicate_keys
from service.moderation.content import NEEDS_VISIBLE, is_blank
from service.moderation.model import Surface
from service.moderation.reading import EMPTY_TEXT
from service.policy.model import Category, Judgement, Reasons, Verdict, Versions
from service.settings import SettingsError, load_settings
from service.wiring.judge import load_judge

if TYPE_CHECKING:
    from cli.main import Parsers

CHUNK = 1 << 18
MOST_WAITING = 1 << 16
"""Bytes read at once, and bytes of results kept back at most while there is more to read."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Line(msgspec.Struct, frozen=True):
    """One line of input; unlike at the door other fields are ignored and no length is too long."""

    text: str
    id: str | int | None = None
    surface: Surface = Surface.IM_MESSAGE


class LineResult(msgspec.Struct, frozen=True, kw_only=True):
    """The door's result object of a text that was only judged: nothing recorded, nothing ordered.

    A test holds its fields to those of the door's.
    """

    decision_id: None = None
    data_id: str | int | None
    revision: int = 1
    previous_decision_id: None = None
    verdict: Verdict
    categories: tuple[Category, ...]
    reasons: Reasons
    measures: tuple[()] = ()
    case: None = None
    joined: tuple[()] = ()
    automated: bool = True
    degraded: tuple[str, ...]
    versions: Versions
    occurred_at: datetime
    decided_at: datetime


class Judging(Protocol):
    """What is needed of a judge."""

    def judge(self, text: str, surface: str = ...) -> Judgement: ...


def add_parser(subparsers: Parsers) -> None:
    parser = subparsers.add_parser("classify", description=__doc__)
    parser.add_argument("--model", type=Path, metavar="DIR", help="a model version's folder")
    parser.add_argument("--wordlists", type=Path, metavar="DIR", help="a folder of word lists")


def run(args: argparse.Namespace) -> int:
    """Judge every line; 0 when the input was read to its end, 2 when model or lists are unfit."""
    try:
        settings = load_settings(os.environ)
        judge = load_judge(
            model_dir=args.model or settings.model_dir,
            wordlists_dir=args.wordlists or settings.wordlists_dir,
        )
    except (OSError, ValueError, ArtefactError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2
    answer = Answers(judge, SystemClock())
    results = Results(sys.stdout.fileno())
    for line in read_lines(sys.stdin.fileno(), before_wait=results.flush):
        results.add(answer(line))
    results.flush()
    return 0


class Answers:
    """One line in, one line out."""

    def __init__(self, judge: Judging, clock: Clock) -> None:
        self._judge = judge
        self._clock = clock
        self._decode = msgspec.json.Decoder(Line).decode
        self._encode = msgspec.json.Encoder().encode

    def __call__(self, line: bytes) -> bytes:
        """The result or the problem of a line, as JSON without line breaks."""
        try:
            item = self._read(line)
        except Problem as problem:
            return self._encode({"error": as_object(problem)})
        judgement = self._judge.judge(item.text, item.surface)
        now = self._clock.now()
        result = LineResult(
            data_id=item.id,
            verdict=judgement.verdict,
            categories=judgement.categories,
            reasons=judgement.reasons,
            degraded=judgement.degraded,
            versions=judgement.versions,
            occurred_at=now,
            decided_at=now,
        )
        return self._encode(result)

    def _read(self, line: bytes) -> Line:
        try:
            item = self._decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise explain(line, error) from None
        if has_duplicate_keys(line):
            raise duplicate_keys()
        if "\0" in item.text:
            raise invalid("/text", "nul_character", "/text: holds a NUL character; take it out")
        if not item.text or (item.surface in NEEDS_VISIBLE and is_blank(item.text)):
            raise Problem(EMPTY_TEXT, errors=(Flaw("/text", "empty_text"),))
        return item


class Results:
    """Lines on their way out: many at once while input keeps coming, at once when it pauses."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._waiting: list[bytes] = []
        self._size = 0

    def add(self, line: bytes) -> None:
        """Take one line, without its line break."""
        self._waiting += (line, b"\n")
        self._size += len(line) + 1
        if self._size >= MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what waits; raises BrokenPipeError when nobody reads any more."""
        rest = memoryview(b"".join(self._waiting))
        self._waiting.clear()
        self._size = 0
        while rest:
            rest = rest[os.write(self._fd, rest) :]


def read_lines(fd: int, *, before_wait: Callable[[], None]) -> Iterator[bytes]:
    """Every line of `fd` without its line break; a last one without a break counts.

    `before_wait` is called whenever nothing more can be read at once. A byte order mark at the
    beginning is left out.
    """
    pieces: list[bytes] = []  # of a line whose end is not here yet: it may be very long
    first = True
    while True:
        if not select.select([fd], [], [], 0)[0]:
            before_wait()
        chunk = os.read(fd, CHUNK)
        if first and chunk.startswith(BYTE_ORDER_MARK):
            chunk = chunk[len(BYTE_ORDER_MARK) :]
            if not chunk:
                continue
        first = False
        if not chunk:
            break
        head, *rest = chunk.split(b"\n")
        pieces.append(head)
        if rest:
            yield b"".join(pieces)
            yield from rest[:-1]
            pieces = [rest[-1]]
    if any(pieces):
        yield b"".join(pieces)
