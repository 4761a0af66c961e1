"""`./run`: sets up the store, starts every role of this machine and keeps them running.

It listens on loopback only (demo mode), unless MODERATION_DEMO=0 says that this is meant to be
more than a demonstration. The roles are the rows of `roles`; a further one is a further row.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import http.client
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cli.children import Children, Role, StartFailed
from service.kernel.clock import ticks
from service.settings import Settings, SettingsError, load_settings
from workers.valkey import NoValkey, find_binary

if TYPE_CHECKING:
    from cli.main import Parsers

PORT_PATIENCE = 3.0
"""Seconds in which an earlier run, killed a moment ago, has to let go of the port."""


class CannotStart(Exception):
    """Something that the operator must change first; the message says what."""


def roles(settings: Settings) -> tuple[Role, ...]:
    """What starts first, in this order. Without Valkey the API answers all the same, so that
    nothing waits for it."""
    return (
        *((Role(name="valkey", command=("valkey",)),) if has_valkey(settings) else ()),
        Role(
            name="api",
            command=("serve",),
            is_ready=partial(answers, settings.host, settings.port, "/readyz"),
        ),
    )


def has_valkey(settings: Settings) -> bool:
    """Whether to start the embedded server; says so where it would be needed and there is none."""
    if settings.redis_url:
        return False
    try:
        find_binary()
    except NoValkey as error:
        tell(f"{error} Until then work waits in the store, and there is no stream.")
        return False
    return True


def later_roles() -> tuple[Role, ...]:
    """What starts when the API answers, so that it takes no processor from that.

    Their work waits in the store and in Redis. All roles stop in reverse order.
    """
    return (
        Role(name="worker", command=("worker",)),
        Role(name="schedule", command=("schedule",)),
        Role(name="consumer", command=("consume",)),
        Role(name="scanner", command=("scan",)),
    )


def add_parser(subparsers: Parsers) -> None:
    subparsers.add_parser("start", description=__doc__)


def run(args: argparse.Namespace) -> int:
    """Start everything and stay until a signal; 0 after an orderly end, 1 when it cannot start."""
    began = ticks()
    os.umask(0o077)  # whatever this and its children write is the owner's own
    demo = os.environ.get("MODERATION_DEMO", "1") != "0"
    environment = {**os.environ, "MODERATION_DEMO": "1" if demo else "0"}
    try:
        settings = load_settings(environment)
        if demo and settings.host not in {"127.0.0.1", "::1", "localhost"}:
            raise CannotStart(
                f"MODERATION_HOST={settings.host}: demo mode listens on loopback only. Leave it "
                "out, or set MODERATION_DEMO=0 to run without demo tenants and their keys."
            )
        with one_instance(settings), Children(environment, tell=tell) as children:
            wait_for_port(settings.host, settings.port)
            children.load(roles(settings))
            if children.finish("demo" if demo else "migrate") != 0:
                return 0 if children.stopping else 1
            children.start()
            if not children.stopping:
                tell(welcome(settings, demo=demo, seconds=ticks() - began))
                children.load(later_roles())
                children.start()
            children.keep_running()
            tell("停止中 · Stopping …")
    except (CannotStart, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    except StartFailed as error:
        print(f"{error}; its own message stands above.", file=sys.stderr)
        return 1
    return 0


def tell(message: str) -> None:
    """Say something to whoever started this."""
    print(message, flush=True)


def welcome(settings: Settings, *, demo: bool, seconds: float) -> str:
    """The lines that say where everything is."""
    base = base_url(settings.host, settings.port)
    keys = settings.data_dir / "demo.json"
    lines = [
        f"审核服务已就绪 · Moderation is ready ({seconds:.1f} s)",
        f"  试一试 · try it    {base}/try",
        f"  登录   · sign in   {base}/sign-in",
        f"  接口   · API       {base}/v1/moderations",
        f"  说明   · reference {base}/openapi.json",
        f"  密钥   · keys      {keys}" if demo else "  密钥   · keys      ./run keys create --help",
        "  按 Ctrl-C 停止 · Ctrl-C stops everything",
    ]
    return "\n".join(lines)


def base_url(host: str, port: int) -> str:
    """Where a client on this machine finds the API."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def answers(host: str, port: int, path: str) -> bool:
    """Whether a GET of `path` is answered with 200 within a second."""
    connection = http.client.HTTPConnection(host, port, timeout=1.0)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for_port(host: str, port: int) -> None:
    """Return when the port can be had; raises `CannotStart` when another process keeps it."""
    deadline = ticks() + PORT_PATIENCE
    while True:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, protocol) as attempt:
                attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                attempt.bind(address)
            return
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotStart(
                    f"Cannot listen on {host} port {port}: {error.strerror}"
                ) from None
            if ticks() > deadline:
                raise CannotStart(
                    f"端口 {port} 已被占用 · Port {port} is taken by another program. "
                    f"Choose another one, for example:  PORT={port + 1} ./run"
                ) from None
        time.sleep(0.05)


@contextlib.contextmanager
def one_instance(settings: Settings) -> Iterator[None]:
    """Hold the data folder, which one run uses at a time; raises `CannotStart` for the second.

    The lock goes with the process, however that ends.
    """
    folder = settings.data_dir
    make_private_folder(folder)
    with (folder / "run.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(describe_other(lock.read(), folder)) from None
        lock.truncate(0)
        json.dump({"pid": os.getpid(), "base_url": base_url(settings.host, settings.port)}, lock)
        lock.flush()
        yield


def describe_other(record: str, folder: Path) -> str:
    """What the second run says, from what the first wrote into the lock."""
    try:
        other: Mapping[str, object] = json.loads(record)
        where = f"process {other['pid']}, {other['base_url']}"
    except (ValueError, KeyError, TypeError):
        where = "it is still starting"
    return (
        f"已经在运行 · Already running with {folder} ({where}). "
        "Stop that one first, or set MODERATION_DATA_DIR and PORT to start a second."
    )


def make_private_folder(folder: Path) -> None:
    """Make the data folder, readable by its owner only; one that exists is left as it is."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"Cannot make the data folder {folder}: {error.strerror}. "
            "Make its parent writable, or name another one in MODERATION_DATA_DIR."
        ) from None
