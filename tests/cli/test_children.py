"""Children start, come back after a death, stop together and never outlive their parent."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from process_watch import Watched, is_running, until, watching

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import os, signal, sys, threading
from pathlib import Path
from cli.lifeline import bind_to_parent

bind_to_parent(int(sys.argv[1]), int(sys.argv[2]))
folder, name = Path(sys.argv[3]), sys.argv[4]
if name == "broken":
    sys.exit(3)
if name == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
(folder / (name + ".new")).write_text(str(os.getpid()))
(folder / (name + ".new")).rename(folder / name)
threading.Event().wait()
"""

PARENT = """
import os, sys
from pathlib import Path
from cli import children
from cli.children import Children, Role, StartFailed

children.GRACE = 0.5
child, folder, *names = sys.argv[1:]
with Children(
    os.environ, tell=lambda text: print(text, flush=True), launcher=(sys.executable, child)
) as family:
    try:
        for number, wave in enumerate(" ".join(names).split(" then ")):
            if number:  # somebody of the earlier ones dies meanwhile
                os.kill(family._children[0].process.pid, 9)
                family._children[0].process.wait()
            family.load(
                Role(name=name, command=(folder, name), is_ready=(Path(folder) / name).exists)
                for name in wave.split()
            )
            family.start()
        print("ready", flush=True)
        family.keep_running()
    except StartFailed as error:
        print(error, flush=True)
print("gone", flush=True)
"""

Family = Callable[..., AbstractContextManager[Watched]]


@pytest.fixture
def family(tmp_path: Path) -> Family:
    (tmp_path / "child.py").write_text(CHILD)
    (tmp_path / "parent.py").write_text(PARENT)

    def start(*names: str) -> AbstractContextManager[Watched]:
        command = [sys.executable, tmp_path / "parent.py", tmp_path / "child.py", tmp_path, *names]
        return watching(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path)

    return start


def pid_of(folder: Path, name: str) -> int:
    return int((folder / name).read_text())


def test_a_signal_stops_every_child(family: Family, tmp_path: Path) -> None:
    with family("one", "two") as parent:
        parent.expect("ready")
        children = [pid_of(tmp_path, "one"), pid_of(tmp_path, "two")]
        parent.signal(signal.SIGTERM)
        assert parent.end() == 0
        assert not any(map(is_running, children))


def test_a_child_that_ignores_the_request_is_killed(family: Family, tmp_path: Path) -> None:
    with family("stubborn") as parent:
        parent.expect("ready")
        child = pid_of(tmp_path, "stubborn")
        parent.signal(signal.SIGINT)
        parent.expect("did not stop in time")
        assert parent.end() == 0
        assert not is_running(child)


def test_a_dead_child_is_started_again(family: Family, tmp_path: Path) -> None:
    with family("one", "two") as parent:
        parent.expect("ready")
        first, other = pid_of(tmp_path, "one"), pid_of(tmp_path, "two")
        os.kill(first, signal.SIGKILL)
        parent.expect("one ended (signal 9); starting it again")
        until(lambda: pid_of(tmp_path, "one") != first, "a new process of role one")
        assert pid_of(tmp_path, "two") == other
        assert is_running(other)


def test_a_child_that_dies_while_later_ones_start_comes_back(
    family: Family, tmp_path: Path
) -> None:
    with family("one", "then", "two") as parent:
        parent.expect("ready")
        parent.expect("one ended (signal 9); starting it again")


def test_each_further_death_waits_longer(family: Family, tmp_path: Path) -> None:
    with family("one") as parent:
        parent.expect("ready")
        for delay in ("0.2 s", "0.4 s", "0.8 s"):
            child = pid_of(tmp_path, "one")
            os.kill(child, signal.SIGKILL)
            parent.expect(f"again in {delay}")
            until(lambda old=child: pid_of(tmp_path, "one") != old, "a new process")


def test_a_killed_parent_leaves_no_child(family: Family, tmp_path: Path) -> None:
    with family("one", "stubborn") as parent:
        parent.expect("ready")
        children = [pid_of(tmp_path, "one"), pid_of(tmp_path, "stubborn")]
        parent.signal(signal.SIGKILL)
        parent.end()
        until(lambda: not any(map(is_running, children)), "the children's end", seconds=8)


def test_a_role_that_cannot_start_ends_everything(family: Family, tmp_path: Path) -> None:
    with family("one", "broken") as parent:
        parent.expect("broken ended (status 3) before it was ready")
        assert parent.end() == 0
        if (tmp_path / "one").exists():
            assert not is_running(pid_of(tmp_path, "one"))


def test_a_child_whose_parent_is_gone_already_ends_itself(tmp_path: Path) -> None:
    (tmp_path / "child.py").write_text(CHILD)
    held, holding = os.pipe()
    try:
        command = [sys.executable, tmp_path / "child.py", "1", str(held), tmp_path, "one"]
        with watching(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path) as child:
            assert child.end() == 1
    finally:
        os.close(held)
        os.close(holding)
