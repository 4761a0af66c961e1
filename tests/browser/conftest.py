"""A real server and a real browser, each started once, and a watch over what every page does."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from fixtures.uploads import scan_plainly
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, sync_playwright

from migrations import upgrade
from service.access.flow import create_tenant
from service.app import create_app
from service.kernel.clock import SystemClock
from service.kernel.db import WRITES, open_engine
from service.settings import Settings, load_settings
from service.wiring.api import build_services
from service.wiring.judge import NO_MODEL_DIR, load_judge
from service.wiring.uploads import build_scan_topics
from workers.apart import ApartWorker

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
KNOWN = {"lang", "example", "v", "next", "left", "queue", "cursor", "said", "tenant"}
"""What may stand in the query of an address: nothing that somebody typed."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """For one file at a time: while it is there, playwright keeps an event loop running in the
    main thread, in which tests of other files could start none of their own."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The machine's own Chromium, and none that playwright would download."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    started = playwright.chromium.launch(executable_path=found, args=FLAGS.split())
    yield started
    started.close()


@pytest.fixture(scope="session")
def service_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the store of the service, with the tenant `demo`."""
    url = f"sqlite:///{tmp_path_factory.mktemp('service')}/store.sqlite3"
    engine = open_engine(url)
    upgrade(engine)
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        create_tenant(conn, "demo", now=SystemClock().now())
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def service_settings(service_store: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those of the service, and of whoever scans for it."""
    return load_settings(
        {
            "MODERATION_DATA_DIR": str(tmp_path_factory.mktemp("service")),
            "MODERATION_DEMO": "1",
            "DATABASE_URL": service_store,
        }
    )


@pytest.fixture(scope="session")
def scan_all(service_settings: Settings) -> Callable[[], None]:
    """Scans what came to the service, by a scanner that knows nothing but text."""

    def scan() -> None:
        engine = open_engine(service_settings.database_url)
        topics = build_scan_topics(service_settings, scan_plainly)
        worker = ApartWorker(engine=engine, topics=topics, clock=SystemClock())
        while worker.step() == 0.0:
            pass
        engine.dispose()

    return scan


@pytest.fixture(scope="session")
def base_url(service_settings: Settings) -> Iterator[str]:
    """The address of the demo service on loopback, judging by the shipped lists alone."""
    settings = service_settings
    services = build_services(settings, judge=load_judge(model_dir=NO_MODEL_DIR))
    ready = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(
            uvicorn.Config(create_app(services), log_level="warning", ws="none", access_log=False)
        )
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert ready.wait(20), "the service did not start"
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


@dataclass
class Watch:
    """What a page asked for and complained about."""

    home: str
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("request", lambda request: self.requests.append(request))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def check(self) -> None:
        """Nothing from another host, nothing typed in an address, no error, no broken policy."""
        assert self.complaints == []
        for request in self.requests:
            address = urlsplit(request.url)
            assert f"{address.scheme}://{address.netloc}" == self.home, request.url
            assert parse_qs(address.query).keys() <= KNOWN, request.url


@pytest.fixture
def watch(base_url: str) -> Watch:
    return Watch(base_url)


@pytest.fixture
def open_page(browser: Browser, base_url: str, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a context of its own with the options given, and checks them after."""
    contexts = []

    def open_(**options: Any) -> Page:
        context = browser.new_context(base_url=base_url, **({"locale": "zh-CN"} | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        watch.follow(page)
        return page

    yield open_
    for context in contexts:
        context.close()
    watch.check()
