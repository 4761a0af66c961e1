"""The way to the host, and the worker's topics that take it."""

from __future__ import annotations

from typing import Final

from service.appeals import jobs as appeals
from service.enforcement.host import HostGateway
from service.enforcement.jobs import MEASURES, host_topic
from service.enforcement.secret import keep_secret
from service.explanations.jobs import EXPLANATIONS
from service.kernel.topics import Topics
from service.notices import jobs as notices
from service.review.jobs import sources
from service.settings import Settings
from service.wiring.consequences import build_consequences
from service.wiring.links import link
from service.wiring.notices import build_sending

DEMO_HOOK: Final = "/demo/host/hook"
"""Where demo mode's own host takes what it is sent."""


def find_host_secret(settings: Settings) -> str:
    """What signs deliveries to the host; made, and kept in the data folder, when nobody chose one.

    Raises `OSError` when the folder cannot be written.
    """
    return settings.host_webhook_secret or keep_secret(settings.data_dir)


def build_host_gateway(settings: Settings) -> HostGateway:
    """What delivers to the host: the operator's, or in demo mode that of the API's own process.

    With neither, deliveries wait.
    """
    url = settings.host_webhook_url
    if url is None and settings.demo:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        url = f"http://{host}:{settings.port}{DEMO_HOOK}"
    return HostGateway(url, find_host_secret(settings) if url else "")


def build_topics(settings: Settings, gateway: HostGateway) -> Topics:
    """All work that is carried out behind the answer."""
    sending = build_sending(settings, find_host_secret(settings))
    found = [
        MEASURES,
        *sources(build_consequences(settings).present, link),
        appeals.SOURCE,
        notices.source(sending),
        EXPLANATIONS,
    ]
    return Topics(
        [
            host_topic(gateway, found, attempts=settings.host_attempts),
            notices.send_topic(sending),
        ]
    )
