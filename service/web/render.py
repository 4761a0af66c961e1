"""Renders pages: one jinja2 environment that escapes everything, and the headers of every page."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from service.web.languages import Language, load_words
from service.web.shown import show
from service.web.static_files import static_url

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: under it a browser sends `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Pages hold what a user typed.
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


def render_page(
    template: str, language: Language, *, status: int = 200, **values: object
) -> HTMLResponse:
    """Renders a template in a language, with the headers that every page carries.

    The template sees `language`, `languages`, `words` and `values`; an undefined name or a
    missing translation raises, so that a test finds it and not a reader. With a `visitor`
    (`service.web.visitor`) the frame shows who is signed in.
    """
    values.setdefault("visitor", None)
    body = (
        environment()
        .get_template(template)
        .render(language=language, words=_words()[language], **values)
    )
    headers = PAGE_HEADERS | {"Content-Language": language.value}
    return HTMLResponse(body, status_code=status, headers=headers)


@cache
def environment() -> Environment:
    """The environment of all templates: escapes by default, undefined names are errors."""
    made = Environment(
        loader=PackageLoader("service.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(static_url=static_url, languages=tuple(Language))
    made.filters["show"] = show
    return made


_words = cache(load_words)
