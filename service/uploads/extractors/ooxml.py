"""`ooxml`: Word, Excel and PowerPoint files of today: every XML part, and every file inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.extractors._flow import Flow, read_flow
from service.uploads.extractors._markup import Event, events
from service.uploads.extractors._sheets import read_shared, read_sheet
from service.uploads.extractors._strings import runs
from service.uploads.extractors.zip import Entry, entries, open_zip, strays
from service.uploads.parts import Found, Part, ScanLimits, Unscanned

_XML: Final = (".xml", ".rels", ".vml")
_SHEET: Final = re.compile(r"xl/(work|chart|dialog|macro)sheets/[^/]+\.xml", re.I)
_NOTES: Final = re.compile(r"word/(footnotes|endnotes|comments)\w*\.xml", re.I)
_NOTE: Final = frozenset({"footnote", "endnote", "comment"})
_MACRO: Final = re.compile(r"(^|/)(vbaproject|vbadata|xlm)[^/]*\.(bin|xml)$|/macrosheets/", re.I)
_DULL: Final = re.compile(r"/(printersettings|fonts)/|\.(odttf|fntdata)$", re.I)
"""Binary parts of nearly every office file; the text in them is taken as it comes."""
_REMOTE: Final = frozenset({"attachedTemplate", "oleObject", "frame", "subDocument", "image"})
_SHARED: Final = "xl/sharedstrings.xml"


def read(data: bytes, limits: ScanLimits) -> Iterator[Piece]:
    """Part after part; shared strings of a workbook stand in the cells that use them."""
    archive = open_zip(data, limits)
    shared: list[str] = []
    used: set[int] = set()
    for entry in entries(archive, limits, only=_SHARED):
        try:
            shared += read_shared(entry.content)
        except Unreadable as error:
            yield Unscanned(entry.name, error.why)
    for entry in entries(archive, limits):
        yield from _read_part(entry, shared, used)
    left = [text for number, text in enumerate(shared) if number not in used]
    yield Part("xl/sharedStrings.xml", "text", "\n".join(left))
    yield from strays(data, archive)


def _read_part(entry: Entry, shared: list[str], used: set[int]) -> Iterator[Piece]:
    name, content = entry.name, entry.content
    if entry.why:
        yield Unscanned(name, entry.why)
    if _MACRO.search(name):
        yield Found(name, "macro", "office macro")
    if not content:
        return
    if _MACRO.search(name) and not name.lower().endswith(".xml"):
        yield Unscanned(name, "macro")
        yield Part(name, "text", "\n".join(runs(content)))
    elif _DULL.search(name):
        yield Part(name, "metadata", "\n".join(runs(content)))
    elif not name.lower().endswith(_XML):
        yield Inner(name, content)
    elif name.lower() != _SHARED:
        try:
            yield from _read_xml(name, content, shared, used)
        except Unreadable as error:
            yield Unscanned(name, error.why)


def _read_xml(name: str, data: bytes, shared: list[str], used: set[int]) -> Iterator[Piece]:
    if name.lower().endswith(".rels"):
        yield from _read_relations(name, data)
    elif _SHEET.fullmatch(name):
        rows, formulas, around = read_sheet(data, shared, used)
        yield Part(name, "text", rows)
        yield Part(f"{name} fields", "text", formulas)
        yield Part(f"{name} attributes", "metadata", around)
    elif _NOTES.fullmatch(name):
        yield from _read_notes(name, data)
    else:
        flow = Flow()
        try:
            read_flow(events(data), flow)
        finally:
            yield from flow.parts(name)


def _read_notes(name: str, data: bytes) -> Iterator[Piece]:
    """Each note by itself, named by its number."""
    collected: list[Event] = []
    for event in events(data):
        collected.append(event)
        if event.kind == "end" and event.name in _NOTE:
            number = next((e.attributes.get("id") for e in collected if e.name in _NOTE), None)
            flow = Flow()
            read_flow(_balanced(collected), flow)
            yield from flow.parts(f"{name}#{number}")
            collected = []


def _balanced(collected: list[Event]) -> Iterator[Event]:
    """The events of one note: from its own start on."""
    inside = False
    for event in collected:
        inside = inside or (event.kind == "start" and event.name in _NOTE)
        if inside:
            yield event


def _read_relations(name: str, data: bytes) -> Iterator[Piece]:
    """Where the part leads. What is fetched when the file is opened is evidence, too."""
    links = []
    for event in events(data):
        attributes = event.attributes
        if event.kind != "start" or attributes.get("TargetMode", "").lower() != "external":
            continue
        links.append(attributes.get("Target", ""))
        kind = attributes.get("Type", "").rpartition("/")[2]
        if kind in _REMOTE:
            yield Found(name, "script", f"remote {kind}")
    yield Part(name, "link", "\n".join(links))


_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
EXTRACTOR = Extractor(
    "ooxml",
    (
        _OFFICE + "wordprocessingml.document",
        _OFFICE + "spreadsheetml.sheet",
        _OFFICE + "presentationml.presentation",
    ),
    read,
)
