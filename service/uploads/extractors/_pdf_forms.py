"""The words of a PDF beside its pages: annotations, form fields, bookmarks, scripts, alt texts."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, Final

import pypdfium2.raw as pdfium  # only imported by `pdf.read`, when there is a PDF

_KEYS: Final = (b"Contents", b"T", b"TU", b"V", b"DV", b"Subj", b"RC", b"NM")
_FIELD: Final = (
    pdfium.FPDFAnnot_GetFormFieldName,
    pdfium.FPDFAnnot_GetFormFieldAlternateName,
    pdfium.FPDFAnnot_GetFormFieldValue,
)
_INSTEAD: Final = (
    pdfium.FPDF_StructElement_GetAltText,
    pdfium.FPDF_StructElement_GetActualText,
    pdfium.FPDF_StructElement_GetTitle,
)
_DEEPEST: Final = 30
_MOST: Final = 5_000


def ask(function: Callable[..., int], *arguments: Any) -> str:
    """The answer of a function of PDFium that fills a buffer with UTF-16, in bytes."""
    size = function(*arguments, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(*arguments, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0")


def _ask_bytes(function: Callable[..., int], *arguments: Any) -> str:
    size = function(*arguments, None, 0)
    if size <= 1:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(*arguments, buffer, size)
    return buffer.raw[:size].decode("utf-8", "replace").rstrip("\0")


def read_notes(page: Any, form: Any, document: Any) -> tuple[list[str], list[str]]:
    """The words of a page's annotations and form fields, and the addresses its links lead to."""
    words: list[str] = []
    links: list[str] = []
    for index in range(min(_MOST, pdfium.FPDFPage_GetAnnotCount(page))):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        if not note:
            continue
        words += [ask(pdfium.FPDFAnnot_GetStringValue, note, key) for key in _KEYS]
        if form:
            words += [ask(function, form, note) for function in _FIELD]
            options = range(min(_MOST, pdfium.FPDFAnnot_GetOptionCount(form, note)))
            words += [ask(pdfium.FPDFAnnot_GetOptionLabel, form, note, it) for it in options]
        link = pdfium.FPDFAnnot_GetLink(note)
        action = pdfium.FPDFLink_GetAction(link) if link else None
        if action:
            links.append(_ask_bytes(pdfium.FPDFAction_GetURIPath, document, action))
            links.append(_ask_bytes(pdfium.FPDFAction_GetFilePath, action))
        pdfium.FPDFPage_CloseAnnot(note)
    return [word for word in dict.fromkeys(words) if word], [link for link in links if link]


def alternatives(page: Any) -> list[str]:
    """What the structure of a tagged page says in place of what it shows."""
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    if not tree:
        return []
    found: list[str] = []
    for index in range(min(_MOST, pdfium.FPDF_StructTree_CountChildren(tree))):
        _descend(pdfium.FPDF_StructTree_GetChildAtIndex(tree, index), found, 0)
    pdfium.FPDF_StructTree_Close(tree)
    return [text for text in found if text]


def _descend(element: Any, found: list[str], depth: int) -> None:
    if not element or depth > _DEEPEST or len(found) > _MOST:
        return
    found += [ask(function, element) for function in _INSTEAD]
    for index in range(min(_MOST, pdfium.FPDF_StructElement_CountChildren(element))):
        child = pdfium.FPDF_StructElement_GetChildAtIndex(element, index)
        _descend(child, found, depth + 1)


def scripts(document: Any) -> Iterator[str]:
    """Each script that the document would run, with its name."""
    for index in range(min(_MOST, pdfium.FPDFDoc_GetJavaScriptActionCount(document))):
        action = pdfium.FPDFDoc_GetJavaScriptAction(document, index)
        if action:
            name = ask(pdfium.FPDFJavaScriptAction_GetName, action)
            yield name + "\n" + ask(pdfium.FPDFJavaScriptAction_GetScript, action)
            pdfium.FPDFDoc_CloseJavaScriptAction(action)


def curves(path: Any) -> int:
    """How many of a path's segments are curved: letters drawn as outlines have many."""
    count = min(2_000, pdfium.FPDFPath_CountSegments(path))
    return sum(
        pdfium.FPDFPathSegment_GetType(pdfium.FPDFPath_GetPathSegment(path, index))
        == pdfium.FPDF_SEGMENT_BEZIERTO
        for index in range(count)
    )
