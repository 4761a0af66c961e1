"""Somebody with a browser and no JavaScript: opens pages, fills in the forms that stand on them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx2


@dataclass
class Form:
    """A form as it stands on a page; `fields` are what it sends when nobody touches it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside: Form | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = Form(said.get("action", ""))
            self.forms.append(self._inside)
        form, name = self._inside, said.get("name", "")
        if form is None:
            return
        if tag == "button" and said.get("formaction"):
            self.forms.append(Form(said["formaction"], form.fields, form.names))
        if (
            tag == "option"
            and self._select
            and ("selected" in said or self._select not in form.fields)
        ):
            form.fields[self._select] = said.get("value", "")
        self._select = name if tag == "select" else None if tag == "input" else self._select
        if not name:
            return
        form.names.add(name)
        chosen = said.get("type") not in ("radio", "checkbox", "file") or "checked" in said
        if tag == "input" and chosen:
            form.fields[name] = said.get("value", "on")
        if tag == "textarea":
            form.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None


class Browser:
    """One person's browser; `address` is the page that was opened last, `page` what it shows now,
    as text without marks."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx2.Client(base_url=base_url, follow_redirects=True, timeout=30)
        self._html = ""
        self.address = ""

    @property
    def page(self) -> str:
        """The words of the page, without the numbers of its footnotes."""
        read = re.sub(r"<sup.*?</sup>|<[^>]*>", " ", self._html, flags=re.DOTALL)
        return " ".join(unescape(read).split())

    def open(self, address: str) -> str:
        """Open a page; its words."""
        self.address = address
        return self._take(self._client.get(address), address)

    def send(
        self,
        action: str,
        fields: Mapping[str, str],
        *,
        files: Sequence[tuple[str, tuple[str, bytes, str]]] = (),
    ) -> str:
        """Fill in the form of the page whose action contains `action` and send it; what comes back.

        AssertionError where the page has no such form, or the form no such field.
        """
        parser = _Forms()
        parser.feed(self._html)
        forms = [form for form in parser.forms if action in form.action]
        assert forms, f"no form for {action} on: {self.page}"
        form = forms[-1]
        assert fields.keys() <= form.names, f"{fields.keys() - form.names} stand not in the form"
        more: dict[str, Any] = {"files": list(files)} if files else {}
        answer = self._client.post(form.action, data=form.fields | dict(fields), **more)
        return self._take(answer, action)

    def fetch(self, address: str) -> bytes:
        """Save what an address gives."""
        answer = self._client.get(address)
        assert answer.status_code == 200, address
        return answer.content

    def addresses(self, containing: str) -> list[str]:
        """Where the links of the page lead that contain this."""
        found = re.findall(r'href="([^"]*)"', self._html)
        return [unescape(address) for address in found if containing in address]

    def reads(self, words: str) -> bool:
        """Whether these words stand on the page, whatever marks stand among them."""
        return "".join(words.split()) in "".join(self.page.split())

    def offers(self, action: str) -> bool:
        """Whether the page has a form for it."""
        parser = _Forms()
        parser.feed(self._html)
        return any(action in form.action for form in parser.forms)

    def sign_in(self, username: str, password: str) -> None:
        """Sign in on the page for it."""
        self.open("/sign-in?lang=zh")
        self.send("/sign-in", {"username": username, "password": password})

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()

    def _take(self, answer: httpx2.Response, what: str) -> str:
        self._html = answer.text
        assert answer.status_code == 200, f"{what}: {answer.status_code}, {self.page}"
        return self.page
