"""Reads XML event by event, in linear time, and never resolves what the file itself declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple
from xml.parsers import expat  # expands nothing here: see `_refuse`

from service.uploads.extraction import Unreadable

_CHUNK: Final = 64 * 1024
_DEEPEST: Final = 500


class Event(NamedTuple):
    """`start` with name and attributes, `end` with the name, `text` or `comment` with the text.

    Names are without their namespace: `w:t` and `a:t` are both `t`; so are names of attributes.
    """

    kind: Literal["start", "end", "text", "comment"]
    name: str
    attributes: dict[str, str]


def local(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition(" ")[2]


def _refuse(*_declared: Any) -> Any:
    """Entities are how a small file grows large, or reads another one."""
    raise Unreadable("unsafe")


def events(data: bytes) -> Iterator[Event]:
    """The events of a document, in order; what came before an error has been given by then.

    Raises Unreadable: `unsafe` for entity declarations and references to other files, `corrupt`
    for what is no well-formed XML, `too_deep` for more than 500 levels.
    """
    waiting: list[Event] = []
    depth = 0

    def start(name: str, pairs: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise Unreadable("too_deep")
        attributes = {local(key): value for key, value in pairs.items()}
        waiting.append(Event("start", local(name), attributes))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        waiting.append(Event("end", local(name), {}))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: waiting.append(Event("text", text, {}))
    parser.CommentHandler = lambda text: waiting.append(Event("comment", text, {}))
    parser.ProcessingInstructionHandler = lambda _, text: waiting.append(Event("comment", text, {}))
    parser.EntityDeclHandler = _refuse
    parser.UnparsedEntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    try:
        for offset in range(0, len(data), _CHUNK):
            parser.Parse(data[offset : offset + _CHUNK], False)
            yield from waiting
            waiting.clear()
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        yield from waiting
        raise Unreadable("corrupt") from error
    except Unreadable:
        yield from waiting
        raise
    yield from waiting
