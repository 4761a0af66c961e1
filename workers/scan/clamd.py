"""A second opinion on malware, from a clamd of the operator; the child itself has no sockets."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_SECONDS: Final = 10.0
_CHUNK: Final = 128 * 1024
_LONGEST_ANSWER: Final = 4_096
_PORT: Final = 3310


class ClamdError(Exception):
    """clamd does not answer, or not with a verdict; a file is then judged without it."""


def _connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_SECONDS)
        try:
            connection.connect(parts.path)
        except OSError:
            connection.close()
            raise
        return connection
    return socket.create_connection((parts.hostname or "", parts.port or _PORT), _SECONDS)


def ask_clamd(address: str, path: Path) -> str | None:
    """The name of the signature that the file matches, or None.

    `address` is `unix:///path/to/socket` or `tcp://host:port`. Raises ClamdError when there is no
    verdict: clamd away, slow or full, or the file larger than it takes (`StreamMaxLength`).
    """
    try:
        with _connect(address) as connection, path.open("rb") as file:
            connection.sendall(b"zINSTREAM\0")
            while chunk := file.read(_CHUNK):
                connection.sendall(len(chunk).to_bytes(4, "big") + chunk)
            connection.sendall(bytes(4))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
                received = connection.recv(_LONGEST_ANSWER)
                if not received:
                    break
                answer += received
    except OSError as error:
        raise ClamdError(type(error).__name__) from error
    verdict = answer.rstrip(b"\0").decode("utf-8", "replace").removeprefix("stream: ")
    if verdict == "OK":
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ClamdError("no verdict")
