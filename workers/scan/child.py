"""The child: takes one file from its input, says what is in it on its output, and ends."""

from __future__ import annotations

import sys

import msgspec

from service.kernel.clock import ticks
from service.uploads.formats import BY_TYPE
from workers.scan import sandbox
from workers.scan.rules import Rules
from workers.scan.suspicion import Opinions
from workers.scan.walk import Walk
from workers.scan.wire import Line, Request


def scan_input(rules: Rules, opinions: Opinions) -> None:
    """Read the request, give up every right, then read the file."""
    request = msgspec.json.decode(sys.stdin.buffer.readline(), type=Request)
    sandbox.enter(request.limits)
    encoder = msgspec.json.Encoder()
    out = sys.stdout.buffer

    def tell(line: Line) -> None:
        out.write(encoder.encode(line) + b"\n")
        out.flush()

    walk = Walk(
        limits=request.limits,
        tell=tell,
        extractors=BY_TYPE,
        match=rules.match,
        opinions=opinions,
        ticks=ticks,
    )
    walk.scan(sys.stdin.buffer.read(), name=request.name, declared=request.declared_type)
    tell(Line(engine="rules" if rules.complete else "degraded", done=True))


def has_read_pictures() -> bool:
    """Whether the reader of pictures was needed."""
    pictures = sys.modules.get("service.uploads.extractors._pictures")
    return pictures is not None and pictures.is_loaded()
