"""Logs: one line an event, and nothing of what an exception quotes."""

from __future__ import annotations

import json
import logging
import sys

from service.kernel.logs import JsonLines


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    logger = logging.getLogger("moderation.test")
    return logger.makeRecord(
        logger.name, logging.ERROR, __file__, 1, message, args, None, extra=extra or None
    )


def test_a_record_is_one_line_of_json_whatever_it_holds() -> None:
    line = JsonLines().format(record("one\ntwo %s", "\u2028中", code="storage_busy", path=object()))
    assert len(line.splitlines()) == 1 or "\u2028" in line
    assert "\n" not in line
    found = json.loads(line)
    assert found["event"] == "one\ntwo \u2028中"
    assert (found["level"], found["logger"]) == ("error", "moderation.test")
    assert (found["code"], found["path"]) == ("storage_busy", "object")


def test_an_exception_is_named_by_type_and_place_and_not_by_its_message() -> None:
    made = record("failed")
    try:
        raise ValueError("s3cret")
    except ValueError:
        made.exc_info = sys.exc_info()
    line = JsonLines().format(made)
    assert "s3cret" not in line
    found = json.loads(line)
    assert found["error"] == "ValueError"
    assert found["where"].startswith("test_an_exception_is_named")
