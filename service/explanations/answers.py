"""How a refusal of explanations becomes a problem of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from service.attachments import answers as attachments
from service.explanations.model import DeadlinePassed, MayNot, NoRequest, WrongRequest
from service.explanations.store import VersionConflict
from service.kernel.machine import IllegalMove
from service.kernel.problems import (
    ALREADY_FINAL,
    FORBIDDEN,
    NOT_FOUND,
    VERSION_CONFLICT,
    Problem,
    ProblemKind,
    invalid,
)

DEADLINE_PASSED: Final = ProblemKind("deadline_passed", 409, "The time for this is over.")

_BY_CODE: Final = {kind.code: kind for kind in (ALREADY_FINAL, VERSION_CONFLICT)}


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what explanations raise into problems."""
    try:
        with attachments.refusals():
            yield
    except NoRequest as error:
        raise Problem(NOT_FOUND, str(error)) from None
    except MayNot as error:
        raise Problem(FORBIDDEN, str(error)) from None
    except DeadlinePassed as error:
        raise Problem(DEADLINE_PASSED, str(error)) from None
    except VersionConflict as error:
        raise Problem(VERSION_CONFLICT, str(error)) from None
    except IllegalMove as error:
        raise Problem(_BY_CODE[error.code], str(error)) from None
    except WrongRequest as error:
        raise invalid(f"/{error.field}", "invalid", f"/{error}") from None
