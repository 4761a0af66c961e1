"""`run` prepares once, notices what changed, survives interruption, and says what is missing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from process_watch import until, watching

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
TOOLS = (
    *("sh", "cat", "cksum", "dirname", "find", "head", "ln", "mkdir", "readlink", "rm", "rmdir"),
    *("sed", "sleep", "tail", "touch"),
)

# Stands in for uv: makes an environment of links, notes what it was asked, fails or waits.
FAKE_UV = """#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
if [ -e "$CALLS.fail" ]; then echo "no such index"; exit 2; fi
for last in "$@"; do :; done
case "$1 $*" in
    venv*)
        mkdir -p "$last/bin"
        ln -s "$REAL_PYTHON" "$last/bin/python" ;;
    *' -e '*)
        while [ -e "$CALLS.wait" ]; do touch "$CALLS.waiting"; sleep 0.05; done
        printf '%s\\n' '#!/bin/sh' 'echo "pid=$$ data=$MODERATION_DATA_DIR words=$*"' \\
            >"$last/.venv/bin/moderation"
        chmod +x "$last/.venv/bin/moderation" ;;
esac
"""


READ = (
    "run",
    "pyproject.toml",
    "requirements.lock",
    "requirements-dev.lock",
    "models/classifier/kernel.c",
)


class Checkout:
    """A folder with the script and the files it reads, and a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "my checkout"
        self.root.mkdir()
        (self.root / "models/classifier").mkdir(parents=True)
        for name in READ:
            shutil.copy(ROOT / name, self.root / name)
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in (*TOOLS, "chmod"):
            found = shutil.which(tool)
            assert found is not None
            (self.bin / tool).symlink_to(found)
        self.calls = folder / "calls"
        self.calls.touch()

    def provide(self, name: str, script: str) -> None:
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(script)
        path.chmod(0o755)

    def provide_flock(self) -> None:
        found = shutil.which("flock")
        if found is None:
            pytest.skip("no flock on this system")
        (self.bin / "flock").symlink_to(found)

    @property
    def env(self) -> dict[str, str]:
        python = os.path.realpath(sys.executable)
        return {"PATH": str(self.bin), "CALLS": str(self.calls), "REAL_PYTHON": python}

    @property
    def asked(self) -> list[str]:
        return self.calls.read_text().splitlines()

    def run(
        self, *words: str, script: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [script or self.root / "run", *words],
            env={**self.env, **(env or {})},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )


@pytest.fixture
def bare(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture
def checkout(bare: Checkout) -> Checkout:
    bare.provide("uv", FAKE_UV)
    return bare


def test_the_first_run_prepares_and_the_second_does_not(checkout: Checkout) -> None:
    first = checkout.run("keys", "create me")
    assert "words=keys create me" in first.stdout
    assert "Setting up" in first.stderr
    asked = checkout.asked
    assert any("--require-hashes" in call and call.endswith("requirements.lock") for call in asked)
    second = checkout.run("classify")
    assert second.stderr == ""
    assert checkout.asked == asked


def test_a_later_run_spends_less_than_a_tenth_of_a_second(checkout: Checkout) -> None:
    checkout.run("x")
    spent = []
    for _ in range(7):
        began = time.perf_counter()
        checkout.run("x")
        spent.append(time.perf_counter() - began)
    assert min(spent) < 0.1


def test_the_command_takes_the_place_of_the_script(checkout: Checkout) -> None:
    checkout.run("x")
    with watching([checkout.root / "run", "x"], env=checkout.env, cwd=Path("/")) as running:
        assert f"pid={running.pid} " in running.expect("words=x")


def test_the_store_is_the_checkouts_unless_another_is_named(checkout: Checkout) -> None:
    assert f"data={checkout.root}/.data words" in checkout.run("x").stdout
    assert (
        "data=/elsewhere words"
        in checkout.run("x", env={"MODERATION_DATA_DIR": "/elsewhere"}).stdout
    )


def test_it_works_through_links(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "to the script").symlink_to("my checkout/run")
    (tmp_path / "again").symlink_to(tmp_path / "to the script")
    result = checkout.run("x", script=tmp_path / "again")
    assert f"data={checkout.root}/.data" in result.stdout


@pytest.mark.parametrize("command", ["test", "bench"])
def test_what_developers_use_brings_their_packages(checkout: Checkout, command: str) -> None:
    checkout.run("serve")
    assert not any("requirements-dev.lock" in call for call in checkout.asked)
    checkout.run(command)
    assert any(call.endswith("requirements-dev.lock") for call in checkout.asked)
    asked = checkout.asked
    checkout.run("serve")
    checkout.run(command)
    assert checkout.asked == asked


def test_a_changed_lock_is_installed_again(checkout: Checkout) -> None:
    checkout.run("x")
    with (checkout.root / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert "Setting up" in checkout.run("x").stderr
    assert sum(call.startswith("venv") for call in checkout.asked) == 1


def test_a_broken_environment_is_made_anew(checkout: Checkout) -> None:
    checkout.run("x")
    (checkout.root / ".venv/bin/python").unlink()
    assert "words=x" in checkout.run("x").stdout
    assert sum(call.startswith("venv") for call in checkout.asked) == 2


def test_a_moved_checkout_is_set_up_anew(checkout: Checkout, tmp_path: Path) -> None:
    checkout.run("x")
    checkout.root = checkout.root.rename(tmp_path / "moved")
    assert f"data={tmp_path}/moved/.data" in checkout.run("x").stdout
    assert sum(call.startswith("venv") for call in checkout.asked) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_set_up_that_was_cut_short_starts_from_nothing(
    checkout: Checkout, number: signal.Signals
) -> None:
    wait, waiting = Path(f"{checkout.calls}.wait"), Path(f"{checkout.calls}.waiting")
    wait.touch()
    with watching([checkout.root / "run", "x"], env=checkout.env, cwd=Path("/")) as running:
        until(waiting.exists, "the set-up under way")
        running.signal(number)
        assert running.end() == (-9 if number == signal.SIGKILL else 130)
    wait.unlink()
    assert "words=x" in checkout.run("x").stdout
    assert sum(call.startswith("venv") for call in checkout.asked) == 2


@pytest.mark.parametrize("lock", ["flock", "link"])
def test_two_at_once_prepare_once(checkout: Checkout, lock: str) -> None:
    if lock == "flock":
        checkout.provide_flock()
    wait, waiting = Path(f"{checkout.calls}.wait"), Path(f"{checkout.calls}.waiting")
    wait.touch()
    command = [checkout.root / "run"]
    with (
        watching([*command, "one"], env=checkout.env, cwd=Path("/")) as one,
        watching([*command, "two"], env=checkout.env, cwd=Path("/")) as two,
    ):
        until(waiting.exists, "the set-up under way")
        until(lambda: "waiting for it" in one.output + two.output, "the other one waiting")
        wait.unlink()
        one.expect("words=one")
        two.expect("words=two")
    assert sum(call.startswith("venv") for call in checkout.asked) == 1


def test_a_lock_whose_holder_is_gone_is_taken(checkout: Checkout) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    (checkout.root / ".cache").mkdir()
    (checkout.root / ".cache/setup.pid").symlink_to(str(gone.pid))
    assert "words=x" in checkout.run("x").stdout


def test_a_failed_install_shows_why_and_is_tried_again(checkout: Checkout) -> None:
    fail = Path(f"{checkout.calls}.fail")
    checkout.run("x")
    with (checkout.root / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    fail.touch()
    result = checkout.run("x")
    assert result.returncode == 1
    assert "no such index" in result.stderr
    assert result.stdout == ""
    fail.unlink()
    assert "words=x" in checkout.run("x").stdout


def test_with_neither_uv_nor_python_it_says_what_to_install(bare: Checkout) -> None:
    result = bare.run("x")
    assert result.returncode == 1
    assert "apt-get install python3 python3-venv" in result.stderr
    assert "uv" in result.stderr


def test_an_old_python_does_not_serve(bare: Checkout) -> None:
    bare.provide("python3", "#!/bin/sh\nexit 1\n")
    result = bare.run("x")
    assert result.returncode == 1
    assert "Python 3.11 or newer" in result.stderr


def test_a_python_without_venv_is_told_apart(bare: Checkout) -> None:
    bare.provide("python3", '#!/bin/sh\ncase $1 in -m) exit 1 ;; esac\nexec "$REAL_PYTHON" "$@"\n')
    result = bare.run("x")
    assert result.returncode == 1
    assert "apt-get install python3-venv" in result.stderr


@pytest.mark.setup
def test_a_fresh_copy_is_set_up_without_uv_in_a_folder_with_spaces(tmp_path: Path) -> None:
    copy = tmp_path / "a fresh copy"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    path = os.pathsep.join(
        folder
        for folder in os.environ["PATH"].split(os.pathsep)
        if not Path(folder, "uv").exists() and Path(folder) != Path(sys.executable).parent
    )
    env = {name: it for name, it in os.environ.items() if not name.startswith("MODERATION_")}
    env["PATH"] = path
    result = subprocess.run(
        [copy / "run", "classify"],
        input='{"text":"明天下午三点开会","id":7}\n',
        env=env,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["data_id"] == 7
