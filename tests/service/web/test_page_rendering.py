"""Every page: escaped, under a strict policy, and without a word from another host."""

from __future__ import annotations

import importlib.resources
import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from service.web.languages import Language
from service.web.render import CONTENT_SECURITY_POLICY, environment, render_page


def test_values_are_escaped_in_every_template() -> None:
    template = environment().from_string("<p title='{{ value }}'>{{ value }}</p>")
    assert "<script" not in template.render(value="'><script>")


def test_a_name_that_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nothing.of_it }}").render()


def test_a_page_says_its_language_and_carries_the_headers() -> None:
    page = render_page("refused.html", Language.EN, status=403, why="role")
    assert page.status_code == 403
    assert '<html lang="en">' in bytes(page.body).decode()
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-language"] == "en"


def test_templates_hold_no_inline_script_style_or_handler_and_no_unescaped_value() -> None:
    folder = Path(str(importlib.resources.files("service.web"))) / "templates"
    for file in folder.rglob("*.html"):
        source = file.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://", source), (
            file.name
        )
        assert not re.search(r"<script(?![^>]*\ssrc=)", source), file.name
        assert not re.search(r"\|\s*safe|autoescape|Markup", source), file.name
