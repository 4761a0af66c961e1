"""Logs: one line of JSON an event on stderr, with what was said of it and no more.

Exceptions are named by type and place. Their messages may quote what a user wrote, or SQL.
"""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec


class JsonLines(logging.Formatter):
    """Formats a record as `{"at","level","logger","event",…}`; `extra` becomes further members."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info and isinstance(record.exc_info[1], Exception):
            line |= describe(record.exc_info[1])
        return _encode(line).decode()


def describe(error: Exception) -> dict[str, str]:
    """What may be logged of an error: its type, and the lines it came through, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return {"error": type(error).__name__, "where": where}


def configure(level: int = logging.INFO) -> None:
    """Send everything from `level` up to stderr as JSON lines; for the start of a process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("uvicorn").setLevel(max(level, logging.WARNING))


_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
_encode = msgspec.json.Encoder(enc_hook=lambda value: type(value).__name__).encode
