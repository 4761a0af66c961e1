"""Files sent for moderation, by the API."""

from __future__ import annotations

from service.kernel.clock import ticks
from service.uploads.receiving import Reception
from service.uploads.routes import UploadRoutes
from service.wiring.api import Services
from service.wiring.feature import Feature


def build(services: Services) -> Feature:
    """`/v1/uploads`."""
    uploads = UploadRoutes(
        readers=services.readers,
        reception=Reception(
            readers=services.readers,
            commit=services.commit,
            objects=services.objects,
            keys=services.keys,
            clock=services.clock,
            quota=services.settings.upload_quota_bytes,
        ),
        entrance=services.entrance,
        present=services.consequences.present,
        meters=services.upload_meters,
        ticks=ticks,
        most_bytes=services.settings.max_upload_bytes,
    )
    return Feature(
        routes=[
            ("POST", "/v1/uploads", uploads.post),
            ("GET", "/v1/uploads/{upload_id}", uploads.get),
        ]
    )
