"""Reads the forms of the page that take documents; what cannot be taken shows the page again."""

from __future__ import annotations

from starlette.requests import Request

from service.access.visitors import TurnedAway, turn_away
from service.attachments.model import MOST_FILES, Document
from service.attachments.pages import MOST_FORM, as_documents
from service.my.pages import MyPage
from service.my.section import Visit
from service.web.forms import FormTooLarge, FormUnreadable, is_from_here
from service.web.multipart import read_files_form


async def read_documents_form(
    request: Request, page: MyPage, visit: Visit, *, most_text: int
) -> tuple[dict[str, str], list[Document]]:
    """The fields of a form and its documents; `most_text` is the longest field in code points.

    Raises `TurnedAway`: 403 for a form from elsewhere, the page with 413 or 400.
    """
    if not is_from_here(request.headers):
        raise turn_away(request, "elsewhere", status=403)
    try:
        form, files = await read_files_form(
            request,
            most_bytes=MOST_FORM,
            most_files=MOST_FILES,
            most_text=most_text * 4 + 1024,
        )
    except FormTooLarge:
        raise TurnedAway(await page.show(request, visit, flaw="files", status=413)) from None
    except FormUnreadable:
        raise TurnedAway(await page.show(request, visit, flaw="files", status=400)) from None
    return form, as_documents(files)
