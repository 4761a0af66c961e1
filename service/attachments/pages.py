"""What pages do with documents: take them with a form, and give them back as downloads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import Response

from service.access.visitors import turn_away
from service.attachments.answers import as_download
from service.attachments.model import (
    MOST_BYTES,
    MOST_FILES,
    Attachment,
    Document,
    NotScanned,
)
from service.attachments.reading import is_attachment_id
from service.kernel.db import StorageError
from service.web.multipart import SentFile

MOST_FORM: Final = MOST_BYTES + 256 * 1024
"""Documents and texts, with what a form puts around them, in bytes."""

Open = Callable[[str], Awaitable[tuple[Attachment, bytes] | None]]
"""Opens the document of an id for whoever looks (`service.attachments.desk.Attachments.open`)."""


class Visiting(Protocol):
    """What reads the forms of people who signed in (`service.access.visitors.Visitors`)."""

    async def read_files_form(
        self, request: Request, *, most_bytes: int, most_files: int
    ) -> tuple[dict[str, str], list[SentFile]]: ...


async def read_documents_form(
    request: Request, visitors: Visiting
) -> tuple[dict[str, str], list[Document]]:
    """The fields of a form of somebody who signed in, and its documents. Raises `TurnedAway`."""
    form, files = await visitors.read_files_form(
        request, most_bytes=MOST_FORM, most_files=MOST_FILES
    )
    return form, as_documents(files)


def as_documents(files: list[SentFile]) -> list[Document]:
    """The files of a form."""
    return [Document(sent.name, sent.data) for sent in files]


async def give_document(request: Request, open_: Open) -> Response:
    """The document that the address names, to be saved.

    Raises `TurnedAway`: 404 where there is none for whoever looks, 409 until it was scanned, 503.
    """
    attachment_id = str(request.path_params["attachment_id"])
    try:
        found = await open_(attachment_id) if is_attachment_id(attachment_id) else None
    except NotScanned:
        raise turn_away(request, "unscanned", status=409) from None
    except (StorageError, OSError):
        raise turn_away(request, "storage", status=503) from None
    if found is None:
        raise turn_away(request, "missing", status=404)
    return as_download(*found)
