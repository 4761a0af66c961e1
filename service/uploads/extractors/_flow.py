"""The text of office XML as it reads, apart from what is deleted, hidden or written by machine.

WordprocessingML, SpreadsheetML, DrawingML and OpenDocument name their elements enough alike for
one reader. Deleted and hidden runs are kept out of the sentence that they interrupt, so that a word
which a reader sees whole is whole here, and they are read by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from service.uploads.extractors._markup import Event
from service.uploads.parts import Part

_PARAGRAPHS: Final = frozenset({"p", "h"})
_LINES: Final = frozenset(
    {"tr", "row", "table-row", "br", "cr", "line-break", "si", "comment", "f"}
)
_GAPS: Final = frozenset({"tc", "tab", "table-cell", "c", "s", "ptab", "noBreakHyphen"})
_VERBATIM: Final = frozenset({"t", "delText", "instrText", "span", "a", "p", "h"})
_FIELDS: Final = frozenset({"instrText", "delInstrText", "f"})
_SPOKEN: Final = frozenset(
    [
        "descr",
        "title",
        "alt",
        "string",
        "prompt",
        "promptTitle",
        "error",
        "errorTitle",
        "tooltip",
        "author",
        "initials",
        "string-value",
        "description",
        "display-name",
        "label",
        "display",
        "subject",
    ]
)
_NAMED: Final = frozenset({"sheet", "definedName", "table", "tableColumn", "bookmarkStart", "cSld"})
_PROPERTIES: Final = ("docProps/", "meta.xml", "settings.xml", "word/settings.xml")
_OFF: Final = frozenset({"0", "false", "off"})


@dataclass(slots=True)
class Flow:
    """The streams of one XML part."""

    shown: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)

    def parts(self, name: str) -> tuple[Part, ...]:
        """One part for each stream, empty ones included."""
        properties = name.startswith(_PROPERTIES)
        return (
            Part(name, "metadata" if properties else "text", "".join(self.shown)),
            Part(f"{name} deleted", "text", "".join(self.deleted)),
            Part(f"{name} hidden", "text", "".join(self.hidden)),
            Part(f"{name} fields", "text", "\n".join(self.fields)),
            Part(f"{name} attributes", "metadata", "\n".join(self.attributes)),
        )


def spoken(event: Event) -> list[str]:
    """The attributes of an element that hold words: known ones, and any that is not ASCII."""
    named = event.name in _NAMED
    return [
        value
        for name, value in event.attributes.items()
        if value and (name in _SPOKEN or not value.isascii() or (named and name == "name"))
    ]


def read_flow(source: Iterable[Event], flow: Flow) -> None:
    """Sort the events into the streams of `flow`; errors of the source come through."""
    # A paragraph may hold a text box with paragraphs of its own: those come first, whole.
    open_paragraphs: list[list[str]] = []
    runs: list[bool] = []  # for each run that is open, whether it is hidden
    names: list[str] = []
    try:
        for event in source:
            out = open_paragraphs[-1] if open_paragraphs else flow.shown
            name = event.name
            match event.kind:
                case "start":
                    names.append(name)
                    flow.attributes += spoken(event)
                    if name in _PARAGRAPHS:
                        open_paragraphs.append([])
                    elif name == "r":
                        runs.append(False)
                    elif name in ("vanish", "specVanish") and runs:
                        runs[-1] = event.attributes.get("val", "1") not in _OFF
                    elif name in _LINES:
                        out.append("\n")
                    elif name in _GAPS:
                        out.append(" " * min(64, _count(event)))
                case "end":
                    names.pop()
                    if name in _PARAGRAPHS and open_paragraphs:
                        flow.shown += [*open_paragraphs.pop(), "\n"]
                    elif name == "r" and runs:
                        runs.pop()
                    elif name in _LINES:
                        out.append("\n")
                    elif name == "delText":
                        flow.deleted.append("\n")
                case "text":
                    inside = names[-1] if names else ""
                    if inside not in _VERBATIM and not name.strip():
                        continue
                    if inside in _FIELDS:
                        flow.fields.append(name)
                    elif inside == "delText":
                        flow.deleted.append(name)
                    elif runs and runs[-1]:
                        flow.hidden.append(name)
                    elif inside in _VERBATIM:
                        out.append(name)
                    else:
                        out.append(name + "\n")
                case "comment":
                    flow.attributes.append(name)
    finally:
        for paragraph in open_paragraphs:
            flow.shown += paragraph


def _count(event: Event) -> int:
    """How many spaces one element stands for (`text:s` has a number)."""
    number = event.attributes.get("c", "1")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
