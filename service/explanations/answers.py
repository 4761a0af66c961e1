"""How a refusal of explanations becomes a problem of the API, and how a document is given back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.responses import Response

from service.explanations.files import download_name
from service.explanations.model import Attachment, DeadlinePassed, MayNot, NoRequest, WrongRequest
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


def as_download(attachment: Attachment, data: bytes) -> Response:
    """A document that a browser saves and never shows."""
    return Response(
        data,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{download_name(attachment)}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
        },
    )
