"""How a refusal of appeals becomes a problem of the API, and the kinds of problems it adds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from service.appeals.model import AppealError, WrongAppeal
from service.attachments import answers as attachments
from service.enforcement.model import NeedsPerson
from service.enforcement.store import VersionConflict as MeasureChanged
from service.explanations.answers import DEADLINE_PASSED
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
from service.review.answers import LEASE_LOST

NOT_IMPARTIAL: Final = ProblemKind(
    "not_impartial", 403, "You had a part in this case, or it is about your own account."
)
APPEAL_OPEN: Final = ProblemKind("appeal_open", 409, "There is an open appeal about this already.")

_BY_CODE: Final = {
    kind.code: kind
    for kind in (
        ALREADY_FINAL,
        APPEAL_OPEN,
        DEADLINE_PASSED,
        FORBIDDEN,
        LEASE_LOST,
        NOT_FOUND,
        NOT_IMPARTIAL,
        VERSION_CONFLICT,
    )
}


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what appeals raise into problems."""
    try:
        with attachments.refusals():
            yield
    except WrongAppeal as error:
        pointer = f"/{error.field}" if error.field else ""
        raise invalid(pointer, error.flaw, str(error)) from None
    except (AppealError, IllegalMove, MeasureChanged) as error:
        raise Problem(_BY_CODE[error.code], str(error)) from None
    except NeedsPerson as error:
        raise Problem(FORBIDDEN, str(error)) from None
