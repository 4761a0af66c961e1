"""What takes documents with what people say, and gives them back."""

from __future__ import annotations

from service.attachments.desk import Attachments
from service.attachments.files import LocalFolder
from service.wiring.api import Services


def build_attachments(services: Services) -> Attachments:
    """The documents of every tenant."""
    return Attachments(
        files=LocalFolder(services.settings.files_dir),
        readers=services.readers,
        commit=services.commit,
    )
