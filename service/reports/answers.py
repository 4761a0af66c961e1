"""How a refusal of reports becomes a problem of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import ceil
from typing import Final

from service.attachments import answers as attachments
from service.kernel.problems import ALREADY_FINAL, NOT_FOUND, RATE_LIMITED, Problem, invalid
from service.reports.model import DAY, ReportError, TooMany, TooMuch, WrongReport

_BY_CODE: Final = {kind.code: kind for kind in (ALREADY_FINAL, NOT_FOUND)}


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what reports raise into problems."""
    try:
        with attachments.refusals():
            yield
    except WrongReport as error:
        raise invalid(error.pointer, error.flaw, str(error)) from None
    except (TooMany, TooMuch) as error:
        raise too_many(DAY, str(error)) from None
    except ReportError as error:
        raise Problem(_BY_CODE[error.code], str(error)) from None


def too_many(wait: timedelta, detail: str = "") -> Problem:
    """Somebody asked too often."""
    after = {"Retry-After": str(ceil(wait.total_seconds()))}
    return Problem(RATE_LIMITED, detail, headers=after)
