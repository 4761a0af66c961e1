"""How a refusal of referrals becomes a problem of the API, and how a package is handed out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.responses import Response

from service.kernel.machine import IllegalMove
from service.kernel.problems import (
    ALREADY_FINAL,
    FORBIDDEN,
    NOT_FOUND,
    VERSION_CONFLICT,
    Problem,
    invalid,
)
from service.referrals.desk import Package
from service.referrals.model import ReferralError, WrongDraft

_BY_CODE: Final = {
    kind.code: kind for kind in (ALREADY_FINAL, FORBIDDEN, NOT_FOUND, VERSION_CONFLICT)
}


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what referrals raise into problems."""
    try:
        yield
    except WrongDraft as error:
        raise invalid(f"/{error.field}", error.flaw, str(error)) from None
    except (ReferralError, IllegalMove) as error:
        raise Problem(_BY_CODE[error.code], str(error)) from None


def hand_out(package: Package) -> Response:
    """A package that a browser saves and never shows."""
    return Response(
        package.data,
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{package.name}"',
            "X-Manifest-SHA256": package.digest,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
        },
    )
