"""Reads forms with files: within limits that hold while it arrives, whatever the headers say."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from service.web.forms import FORM_TYPE, FormTooLarge, FormUnreadable, read_form

MULTIPART_TYPE = "multipart/form-data"
_MOST_FIELDS = 16


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form; name and media type are whatever was sent."""

    name: str
    data: bytes
    type: str | None = None


async def read_files_form(
    request: Request, *, most_bytes: int, most_files: int, most_text: int
) -> tuple[dict[str, str], list[SentFile]]:
    """The fields and the files of a form; fields for files that were left empty hold none.

    Of equal names the last counts. Raises `FormTooLarge` as soon as more than `most_bytes` came,
    and `FormUnreadable`.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == FORM_TYPE:
        return await read_form(request, most_bytes=most_text), []
    if media_type != MULTIPART_TYPE:
        raise FormUnreadable(f"the body is {media_type or 'of no type'}: send {MULTIPART_TYPE}")
    parser = MultiPartParser(
        request.headers,
        _limited(request, most_bytes),
        max_files=most_files,
        max_fields=_MOST_FIELDS,
        max_part_size=most_text,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeError, KeyError) as error:
        raise FormUnreadable("the form cannot be read, or has too many parts") from error
    fields: dict[str, str] = {}
    files: list[SentFile] = []
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                if data or value.filename:
                    files.append(SentFile(value.filename or "", data, value.content_type))
            else:
                fields[name] = value.replace("\r\n", "\n").replace("\r", "\n")
    finally:
        await form.close()
    return fields, files


async def _limited(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise FormTooLarge(f"the form is longer than {most_bytes} bytes: send a shorter one")
        yield chunk
