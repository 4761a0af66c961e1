"""Where uploaded files lie, for every role that takes them in or scans them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from service.settings import Settings
from service.uploads.objects import ObjectStore


def build_objects(settings: Settings) -> ObjectStore:
    """The folder or the bucket of the settings; opens no connection. Raises `OSError`.

    A bucket that does not answer is given up within seconds, since somebody waits for it.
    """
    place = settings.uploads_url
    if "://" not in place:
        return ObjectStore(Path(place))
    options: dict[str, Any] = {
        "retry_config": {"max_retries": 3, "retry_timeout": timedelta(seconds=8)},
        "client_options": {"connect_timeout": "3s", "timeout": "30s"},
    }
    if settings.uploads_endpoint is not None:
        options["endpoint"] = settings.uploads_endpoint
        options["virtual_hosted_style_request"] = False
        options["client_options"]["allow_http"] = settings.uploads_endpoint.startswith("http:")
    return ObjectStore(place, **options)
