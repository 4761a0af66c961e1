"""`./run` with nothing: everything starts, says where it is, comes back, and leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from process_watch import Watched, descendants, free_port, is_running, until, watching

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]

Start = Callable[..., Watched]


class Place:
    """A data folder and a port of a test's own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data folder"
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"

    @property
    def demo(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.data / "demo.json").read_text("utf-8"))
        return content

    def answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.base + path, timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def start(place: Place) -> Iterator[Start]:
    with ExitStack() as stack:

        def start(**extra: str) -> Watched:
            env = {name: it for name, it in os.environ.items() if name != "DATABASE_URL"}
            env |= {"PYTHONPATH": str(ROOT), "MODERATION_DATA_DIR": str(place.data)}
            env |= {"PORT": str(place.port), **extra}
            command = [sys.executable, "-m", "cli.main"]
            return stack.enter_context(watching(command, env=env, cwd=ROOT))

        yield start


def test_it_says_where_it_is_and_answers_there(place: Place, start: Start) -> None:
    supervisor = start()
    supervisor.expect("Moderation is ready")
    supervisor.expect(f"{place.base}/try")
    assert place.answers("/readyz")


def test_the_demo_file_is_private_and_its_keys_open_the_door(place: Place, start: Start) -> None:
    start().expect("Moderation is ready")
    file = place.data / "demo.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.data.stat().st_mode) == 0o700
    demo = place.demo
    assert demo["base_url"] == place.base
    assert demo["tenants"][0]["api_key"] == demo["api_key"]
    for tenant in demo["tenants"]:
        request = urllib.request.Request(
            place.base + "/v1/moderations",
            data='{"text":"明天下午三点开会，请带上合同。"}'.encode(),
            headers={
                "Authorization": f"Bearer {tenant['api_key']}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=5) as response:
            assert json.load(response)["verdict"] == "allow"


def test_a_later_start_keeps_the_keys(place: Place, start: Start) -> None:
    keys = []
    for _ in range(2):
        supervisor = start()
        supervisor.expect("Moderation is ready")
        keys.append(place.demo["tenants"])
        supervisor.signal(signal.SIGTERM)
        assert supervisor.end() == 0
    assert keys[0] == keys[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_every_process(place: Place, start: Start, number: signal.Signals) -> None:
    supervisor = start()
    supervisor.expect("Moderation is ready")
    below = descendants(supervisor.pid)
    assert below
    supervisor.signal(number)
    assert supervisor.end(seconds=15) == 0
    assert not any(map(is_running, below))
    assert not place.answers("/healthz")


def test_a_killed_supervisor_leaves_nothing_and_frees_the_port(place: Place, start: Start) -> None:
    supervisor = start()
    supervisor.expect("Moderation is ready")
    below = descendants(supervisor.pid)
    supervisor.signal(signal.SIGKILL)
    supervisor.end()
    until(lambda: not any(map(is_running, below)), "the children's end", seconds=8)
    start().expect("Moderation is ready")


def test_a_killed_api_is_started_again(place: Place, start: Start) -> None:
    supervisor = start()
    supervisor.expect("Moderation is ready")
    (api,) = [pid for pid in descendants(supervisor.pid) if b"serve" in arguments(pid)]
    os.kill(api, signal.SIGKILL)
    supervisor.expect("api ended (signal 9)")
    until(lambda: place.answers("/readyz"), "the API back")
    assert api not in descendants(supervisor.pid)


def arguments(pid: int) -> list[bytes]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


def test_a_port_that_is_taken_is_named_with_the_way_out(place: Place, start: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", place.port))
        other.listen()
        supervisor = start()
        line = supervisor.expect(f"Port {place.port} is taken")
        assert "PORT=" in line
        assert supervisor.end() == 1


def test_a_second_run_in_one_folder_is_refused(place: Place, start: Start) -> None:
    first = start()
    first.expect("Moderation is ready")
    second = start(PORT=str(free_port()))
    assert f"process {first.pid}" in second.expect("Already running")
    assert second.end() == 1
    assert place.answers("/readyz")


def test_demo_mode_refuses_to_listen_beyond_loopback(start: Start) -> None:
    supervisor = start(MODERATION_HOST="0.0.0.0")
    supervisor.expect("demo mode listens on loopback only")
    assert supervisor.end() == 1


def test_a_wrong_setting_is_named(start: Start) -> None:
    supervisor = start(PORT="many")
    supervisor.expect("PORT")
    assert supervisor.end() == 1
