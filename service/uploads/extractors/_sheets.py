"""Spreadsheets of Excel: rows as they read, with shared strings put where they are used."""

from __future__ import annotations

from service.uploads.extractors._flow import spoken
from service.uploads.extractors._markup import events

_AROUND = frozenset(
    [
        "oddHeader",
        "oddFooter",
        "evenHeader",
        "evenFooter",
        "firstHeader",
        "firstFooter",
        "formula1",
        "formula2",
    ]
)


def read_shared(data: bytes) -> list[str]:
    """The shared strings in order, each with its runs joined."""
    strings: list[str] = []
    inside = False
    run: list[str] = []
    for event in events(data):
        if event.kind == "start" and event.name == "si":
            run = []
        elif event.name == "t" and event.kind in ("start", "end"):
            inside = event.kind == "start"
        elif event.kind == "text" and inside:
            run.append(event.name)
        elif event.kind == "end" and event.name == "si":
            strings.append("".join(run))
    return strings


def read_sheet(data: bytes, shared: list[str], used: set[int]) -> tuple[str, str, str]:
    """Rows as lines of cells between tabs; formulas that hold text; what stands around the cells.

    Adds to `used` the numbers of the shared strings that stand somewhere.
    """
    rows: list[str] = []
    formulas: list[str] = []
    around: list[str] = []
    row: list[str] = []
    cell: list[str] = []
    kind = inside = ""
    for event in events(data):
        name = event.name
        match event.kind:
            case "start":
                around += spoken(event)
                if name == "c":
                    kind, cell = event.attributes.get("t", ""), []
                inside = name
            case "text":
                if inside == "v":
                    cell.append(_value(name, kind, shared, used))
                elif inside == "t":
                    cell.append(name)
                elif inside == "f" and '"' in name:
                    formulas.append(name)
                elif inside in _AROUND:
                    around.append(name)
            case "end":
                inside = ""
                if name == "c":
                    row.append("".join(cell))
                elif name == "row":
                    rows.append("\t".join(row))
                    row = []
            case "comment":
                around.append(name)
    return "\n".join(rows), "\n".join(formulas), "\n".join(around)


def _value(text: str, kind: str, shared: list[str], used: set[int]) -> str:
    if kind != "s":
        return text
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) < len(shared)):
        return text
    used.add(int(text))
    return shared[int(text)]
