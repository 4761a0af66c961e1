"""How a refusal of attachments becomes a problem of the API, and how a document is given back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.responses import Response

from service.attachments.files import download_name
from service.attachments.model import Attachment, NotScanned, WrongDocuments
from service.kernel.problems import Problem, ProblemKind, invalid

NOT_SCANNED: Final = ProblemKind(
    "not_scanned", 409, "The document waits for its scan; ask again in a moment."
)


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what attachments raise into problems."""
    try:
        yield
    except WrongDocuments as error:
        raise invalid("/attachments", error.flaw, str(error)) from None
    except NotScanned as error:
        raise Problem(NOT_SCANNED, str(error)) from None


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
