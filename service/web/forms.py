"""Reads small forms that our own pages send, and tells who sent them."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request

FORM_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 24


class FormTooLarge(ValueError):
    """The body is longer than the page takes; nothing of it was kept."""

    code = "body_too_large"


class FormUnreadable(ValueError):
    """The body is no form in UTF-8, or holds more fields than any page of ours has."""

    code = "invalid_request"


def is_from_here(headers: Headers) -> bool:
    """Whether a form came from a page of this service and not from another site.

    Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`. A client that says neither is no
    browser that another site could have misused, so it may pass: text browsers work.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == headers.get("host")
    except ValueError:
        return False


async def read_form(request: Request, *, most_bytes: int) -> dict[str, str]:
    """The fields of a form; the last of equal names counts, and line ends become `\\n`.

    Raises FormTooLarge as soon as more than `most_bytes` came, and FormUnreadable.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM_TYPE:
        raise FormUnreadable(f"the body is {media_type or 'of no type'}: send {FORM_TYPE}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise FormTooLarge(f"the form is longer than {most_bytes} bytes: send a shorter one")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:  # UnicodeDecodeError is one; its text would quote the body
        raise FormUnreadable("the form is not in UTF-8 or has too many fields") from error
    return {name: value.replace("\r\n", "\n").replace("\r", "\n") for name, value in pairs}
