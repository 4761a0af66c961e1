"""Files sent for moderation, by the API."""

from __future__ import annotations

from service.uploads.routes import UploadRoutes
from service.wiring.api import Services
from service.wiring.feature import Feature


def build(services: Services) -> Feature:
    """`/v1/uploads`."""
    uploads = UploadRoutes(
        readers=services.readers,
        commit=services.commit,
        objects=services.objects,
        entrance=services.entrance,
        keys=services.keys,
        clock=services.clock,
        present=services.consequences.present,
        meters=services.upload_meters,
        most_bytes=services.settings.max_upload_bytes,
        quota=services.settings.upload_quota_bytes,
    )
    return Feature(
        routes=[
            ("POST", "/v1/uploads", uploads.post),
            ("GET", "/v1/uploads/{upload_id}", uploads.get),
        ]
    )
