"""The child: takes one file from its input, says what is in it on its output, and ends."""

from __future__ import annotations

import sys

import msgspec

from service.kernel.clock import ticks
from service.uploads.formats import BY_TYPE
from workers.scan import sandbox
from workers.scan.content_type import type_of
from workers.scan.walk import Walk
from workers.scan.wire import Line, Request


def main() -> None:
    """Read the request, give up every right, then read the file."""
    request = msgspec.json.decode(sys.stdin.buffer.readline(), type=Request)
    sandbox.enter(request.limits)
    encoder = msgspec.json.Encoder()
    out = sys.stdout.buffer

    def tell(line: Line) -> None:
        out.write(encoder.encode(line) + b"\n")
        out.flush()

    data = sys.stdin.buffer.read()
    walk = Walk(limits=request.limits, tell=tell, type_of=type_of, extractors=BY_TYPE, ticks=ticks)
    walk.scan(data, name=request.name)
    tell(Line(done=True))


if __name__ == "__main__":
    main()
