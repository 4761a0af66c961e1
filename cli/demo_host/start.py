"""Opens the demo host over its file in the data folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.routing import BaseRoute

from cli.demo_host.app import DemoHost
from cli.demo_host.ledger import FILE_NAME, Ledger
from service.kernel.clock import Clock
from service.settings import Settings
from service.wiring.host import find_host_secret


@contextmanager
def open_demo_host(settings: Settings, clock: Clock) -> Iterator[list[BaseRoute]]:
    """The demo host's routes, for as long as they are served; it notes what it does by `clock`.

    Raises `OSError`.
    """
    secret = find_host_secret(settings)
    ledger = Ledger(settings.data_dir / FILE_NAME)
    try:
        yield DemoHost(ledger, secret, clock).routes()
    finally:
        ledger.close()
