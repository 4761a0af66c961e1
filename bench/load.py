"""Sends HTTP requests over connections that stay open, with as little work as Python allows.

Requests are bytes made beforehand, an answer is read no further than its length, and each
connection waits for its answer before it sends again. So one core of load outruns one of server.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import cast


class LoadError(Exception):
    """The server closed a connection or refused a request; the message has the answer's head."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of sending for a while: `latencies` in seconds, `busy` the sender's CPU share."""

    answers: int
    seconds: float
    latencies: list[float]
    busy: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


@dataclass(slots=True)
class _Line:
    """A connection with what has come of its answer so far."""

    socket: socket.socket
    sent: float = 0.0
    read: bytes = b""


class Load:
    """Some open connections to one server; close them when done."""

    def __init__(self, port: int, connections: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._lines: list[_Line] = []
        for _ in range(connections):
            connection = socket.create_connection(("127.0.0.1", port), timeout=60)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = _Line(connection)
            self._selector.register(connection, selectors.EVENT_READ, line)
            self._lines.append(line)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._lines)

    def close(self) -> None:
        """Close every connection."""
        self._selector.close()
        for line in self._lines:
            line.socket.close()

    def ask(self, request: bytes) -> bytes:
        """The whole answer to one request; raises LoadError when the connection closes."""
        line = self._lines[0]
        line.read = b""
        line.socket.sendall(request)
        while not (answer := self._receive(line)):
            pass
        return answer

    def run(self, requests: Iterator[bytes], seconds: float) -> Burst:
        """Send the next of `requests`, which do not end, on all connections for `seconds`.

        Raises LoadError for an answer that is not 200.
        """
        latencies: list[float] = []
        began, busy = perf_counter(), process_time()
        self._exchange(requests, seconds, latencies)
        took = perf_counter() - began
        return Burst(len(latencies), took, latencies, (process_time() - busy) / took)

    def _exchange(self, requests: Iterator[bytes], seconds: float, latencies: list[float]) -> None:
        """Start on every connection, go on until time is up, and wait for the last answers."""
        end = perf_counter() + seconds
        for line in self._lines:
            self._send(line, next(requests))
        open_lines = len(self._lines)
        while open_lines:
            for key, _ in self._selector.select():
                line = cast(_Line, key.data)
                answer = self._receive(line)
                if not answer:
                    continue
                now = perf_counter()
                latencies.append(now - line.sent)
                if not answer.startswith(b"HTTP/1.1 200 "):
                    raise LoadError(answer[:200].decode("latin-1"))
                if now < end:
                    self._send(line, next(requests))
                else:
                    open_lines -= 1

    def _send(self, line: _Line, request: bytes) -> None:
        line.read = b""
        line.sent = perf_counter()
        line.socket.sendall(request)

    def _receive(self, line: _Line) -> bytes:
        """Read what is there; the answer when it is whole, and else nothing."""
        part = line.socket.recv(65_536)
        if not part:
            raise LoadError("the server closed a connection")
        read = line.read + part if line.read else part
        line.read = read
        body = read.find(b"\r\n\r\n") + 4
        if body < 4:
            return b""
        at = read.find(b"content-length: ") + 16
        if len(read) - body < int(read[at : read.find(b"\r", at)]):
            return b""
        return read
