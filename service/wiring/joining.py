"""The join window that the settings ask for."""

from __future__ import annotations

from service.kernel.redis_address import embedded_url
from service.moderation.joining import JoinWindow, LocalWindow
from service.settings import Settings


def build_window(settings: Settings) -> JoinWindow:
    """This process's own window, or the one in Redis, which takes half a second to load."""
    if settings.join_window == "process":
        return LocalWindow()
    from service.moderation.redis_window import RedisWindow

    return RedisWindow(settings.redis_url or embedded_url(settings.data_dir))
