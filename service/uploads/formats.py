"""The extractors by media type, collected from their folder; only the scanning child loads this."""

from __future__ import annotations

from typing import Final

from service.kernel.registry import RegistryError, collect_modules
from service.uploads.extraction import Extractor

EXTRACTORS: Final[dict[str, Extractor]] = collect_modules(
    "service.uploads.extractors",
    attribute="EXTRACTOR",
    kind=Extractor,
    id_of=lambda extractor: extractor.id,
)
"""Every extractor by its id."""


def _by_type() -> dict[str, Extractor]:
    found: dict[str, Extractor] = {}
    for extractor in EXTRACTORS.values():
        for type_ in extractor.types:
            if type_ in found:
                raise RegistryError(
                    [f"extractors/{extractor.id}.py: {type_} is read by {found[type_].id}: one"]
                )
            found[type_] = extractor
    return found


BY_TYPE: Final = _by_type()
"""The extractor of each media type that can be read."""
