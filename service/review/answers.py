"""How a refusal of review becomes a problem of the API, and the kinds of problems it adds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from service.enforcement.model import NeedsPerson
from service.enforcement.store import VersionConflict as MeasureChanged
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
from service.review.model import (
    LeaseLost,
    MayNot,
    NoCase,
    VersionConflict,
    WrongFinding,
)

LEASE_LOST: Final = ProblemKind(
    "lease_lost", 409, "Your claim has ended, or you never had one: claim it again."
)

_BY_CODE: Final = {kind.code: kind for kind in (ALREADY_FINAL, VERSION_CONFLICT)}


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what review raises into problems."""
    try:
        yield
    except NoCase as error:
        raise Problem(NOT_FOUND, str(error)) from None
    except (MayNot, NeedsPerson) as error:
        raise Problem(FORBIDDEN, str(error)) from None
    except LeaseLost as error:
        raise Problem(LEASE_LOST, str(error)) from None
    except (VersionConflict, MeasureChanged) as error:
        raise Problem(VERSION_CONFLICT, str(error)) from None
    except IllegalMove as error:
        raise Problem(_BY_CODE[error.code], str(error)) from None
    except WrongFinding as error:
        raise invalid(f"/{error.field}", "invalid", str(error)) from None
