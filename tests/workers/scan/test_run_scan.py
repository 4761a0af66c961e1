"""The worker's side: whatever a file or a child does, there is an answer in time, and no gap."""

from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.kernel.topics import Interrupted
from service.uploads.parts import Part, Scan, ScanLimits, Unscanned
from workers.scan.nurseries import Nurseries
from workers.scan.parent import run_scan


def scan(folder: Path, data: bytes, *, name: str = "file", **limits: float) -> Scan:
    path = folder / "stored"
    path.write_bytes(data)
    return run_scan(path, name=name, declared_type=None, limits=ScanLimits(**limits))  # type: ignore[arg-type]


NURSERY = """
import os, socket, sys
control = socket.socket(fileno=int(sys.argv[1]))
while (pipes := socket.recv_fds(control, 1, 2)[1]):
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(pipes[0], 0)
        os.dup2(pipes[1], 1)
        os.execv(sys.executable, [sys.executable, "-c", {program!r}])
    for pipe in pipes:
        os.close(pipe)
    control.send(pid.to_bytes(8, "big", signed=True))
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    os.killpg(pid, 9)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    control.send(code.to_bytes(8, "big", signed=True))
"""


def scan_by(
    program: str,
    folder: Path,
    *,
    stopping: Callable[[], bool] = lambda: False,
    **limits: float,
) -> Scan:
    """The answer when the child is another program."""
    path = folder / "stored"
    path.write_bytes(b"x" * 3_000_000)
    nurseries = Nurseries((sys.executable, "-c", NURSERY.format(program=program)))
    try:
        return run_scan(
            path,
            name="a",
            declared_type=None,
            limits=ScanLimits(**limits),  # type: ignore[arg-type]
            stopping=stopping,
            nurseries=nurseries,
        )
    finally:
        nurseries.stop()


def zip_of(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_text_is_one_part_beside_the_name(tmp_path: Path) -> None:
    found = scan(tmp_path, "你好，世界".encode(), name="问候.txt")
    assert found == Scan(
        type="text/plain",
        status="scanned",
        parts=(Part("name", "name", "问候.txt"), Part("file", "text", "你好，世界")),
    )


def test_archives_are_read_to_the_files_in_their_archives(tmp_path: Path) -> None:
    inner = zip_of({"深.txt": "你好".encode("gb18030")})
    found = scan(tmp_path, zip_of({"a/b.zip": inner, "c.bin": bytes(range(256))}))
    assert Part("a/b.zip/深.txt", "text", "你好") in found.parts
    assert Part("a/b.zip/name", "name", "a/b.zip") in found.parts
    assert found.unscanned == (Unscanned("c.bin", "unsupported"),)
    assert found.status == "unscannable"


@pytest.mark.parametrize(
    ("limits", "gap"),
    [
        ({"depth": 1}, Unscanned("1.zip/2.zip", "too_deep")),
        ({"pieces": 1}, Unscanned("1.zip", "too_many")),
        ({"total_bytes": 300}, Unscanned("1.zip", "too_large")),
        ({"piece_bytes": 10}, Unscanned("file", "too_large")),
        ({"text": 12}, Unscanned("1.zip/2.zip/a.txt", "truncated")),
    ],
)
def test_beyond_a_limit_the_rest_is_listed(
    tmp_path: Path, limits: dict[str, int], gap: Unscanned
) -> None:
    data = zip_of({"1.zip": zip_of({"2.zip": zip_of({"a.txt": b"plain words"})})})
    found = scan(tmp_path, data, name="n", **limits)
    assert gap in found.unscanned
    assert found.status == "unscannable"


def test_an_empty_file_is_unscannable(tmp_path: Path) -> None:
    assert scan(tmp_path, b"").unscanned == (Unscanned("file", "empty"),)


def test_surrogates_in_a_name_do_not_break_the_answer(tmp_path: Path) -> None:
    assert scan(tmp_path, b"a", name="a\udcffb").parts[0].text == "a\ufffdb"


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("import os; os.abort()", "corrupt"),
        ("raise SystemExit(0)", "corrupt"),
        ("print('no json', flush=True); import time; time.sleep(60)", "corrupt"),
        ("import time; time.sleep(60)", "timeout"),
        ('import sys\nwhile True: sys.stdout.write(\'{"begun": "a"}\\n\')', "corrupt"),
        ("import signal, os; os.kill(os.getpid(), signal.SIGXCPU)", "timeout"),
    ],
)
def test_a_child_that_goes_wrong_leaves_a_gap_in_time(
    tmp_path: Path, program: str, why: str
) -> None:
    start = 'import os, signal, time; print(\'{"begun": "a"}\', flush=True)\n'
    found = scan_by(start + program, tmp_path, seconds=-4.0, text=1000, pieces=10)
    assert [gap.why for gap in found.unscanned] == [why]
    assert found.status == "unscannable"


def test_a_child_that_does_not_start_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="before it read the file"):
        scan_by("raise SystemExit(3)", tmp_path)


def test_what_was_found_before_the_child_died_is_kept(tmp_path: Path) -> None:
    program = (
        'print(\'{"begun":"b.txt","part":{"name":"a","kind":"text","text":"x"}}\', flush=True)'
    )
    found = scan_by(program, tmp_path)
    assert found.parts == (Part("a", "text", "x"),)
    assert found.unscanned == (Unscanned("b.txt", "corrupt"),)


def test_a_scan_whose_process_is_to_end_is_given_up_with_its_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.scan.parent._STOPPING_GRACE", 0.0)
    pid = tmp_path / "pid"
    program = (
        "import os, pathlib, time\n"
        'print(\'{"begun": "a"}\', flush=True)\n'
        f"pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    with pytest.raises(Interrupted):
        scan_by(program, tmp_path, stopping=pid.exists)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_scan_that_is_nearly_done_comes_to_its_end_first(tmp_path: Path) -> None:
    program = 'print(\'{"begun": "a"}\\n{"done": true}\', flush=True)'
    assert scan_by(program, tmp_path, stopping=lambda: True).status == "scanned"


def test_the_child_knows_no_secret_of_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST_WEBHOOK_SECRET", "whsec_x")
    program = "import os, json; print(json.dumps({'begun': ' '.join(sorted(os.environ))}))"
    (gap,) = scan_by(program, tmp_path).unscanned
    assert "PATH" in gap.part
    assert "HOST_WEBHOOK_SECRET" not in gap.part


def test_nothing_of_the_child_outlives_the_scan(tmp_path: Path) -> None:
    """A grandchild that keeps the pipe open is killed with the child that hangs."""
    pids = tmp_path / "pids"
    program = (
        "import subprocess, sys, pathlib\n"
        'print(\'{"begun": "a"}\', flush=True)\n'
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(pids)!r}).write_text(str(child.pid)); child.wait()"
    )
    scan_by(program, tmp_path, seconds=-3.0)
    try:
        grandchild = os.pidfd_open(int(pids.read_text()))
    except ProcessLookupError:
        return
    assert select.select([grandchild], [], [], 10)[0], "still alive"
    os.close(grandchild)


def words(nurseries: Nurseries, folder: Path) -> str:
    """What a scan of a small text says."""
    path = folder / "words"
    path.write_text("words")
    return run_scan(path, name="a", declared_type=None, nurseries=nurseries).parts[-1].text


def test_one_nursery_serves_one_scan_after_the_other(tmp_path: Path) -> None:
    nurseries = Nurseries()
    with ended(nurseries):
        assert [words(nurseries, tmp_path) for _ in range(3)] == ["words"] * 3
        first = pid_of(nurseries)
        assert words(nurseries, tmp_path) == "words"
        assert pid_of(nurseries) == first


def test_a_nursery_that_was_killed_is_started_again(tmp_path: Path) -> None:
    nurseries = Nurseries()
    with ended(nurseries):
        assert words(nurseries, tmp_path) == "words"
        os.kill(pid_of(nurseries), signal.SIGKILL)
        assert words(nurseries, tmp_path) == "words"


def test_a_nursery_without_work_ends_by_itself_and_is_started_again(tmp_path: Path) -> None:
    program = (
        "import socket, sys; from workers.scan import nursery; nursery.IDLE_SECONDS = 0.05; "
        "nursery.serve(socket.socket(fileno=int(sys.argv[1])), None)"
    )
    nurseries = Nurseries((sys.executable, "-c", program))
    with ended(nurseries):
        assert words(nurseries, tmp_path) == "words"
        handle = os.pidfd_open(pid_of(nurseries))
        assert select.select([handle], [], [], 20)[0], "still there"
        os.close(handle)
        assert words(nurseries, tmp_path) == "words"


def test_a_nursery_that_does_not_start_is_no_fault_of_the_file(tmp_path: Path) -> None:
    nurseries = Nurseries((sys.executable, "-c", "raise SystemExit(1)"))
    with ended(nurseries), pytest.raises(ConnectionError):
        words(nurseries, tmp_path)


def test_a_nursery_ends_with_its_worker(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys; from workers.scan.parent import run_scan; "
        "from workers.scan import nurseries; "
        "run_scan(pathlib.Path(sys.argv[1]), name='a', declared_type=None); "
        "print(nurseries.NURSERIES._own.nursery._process.pid, flush=True); "
        "os.kill(os.getpid(), 9)"
    )
    (tmp_path / "stored").write_text("words")
    told = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "stored")],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        handle = os.pidfd_open(int(told.stdout))
    except ProcessLookupError:
        return
    assert select.select([handle], [], [], 20)[0], "still there"
    os.close(handle)


def test_scans_in_two_threads_do_not_meet(tmp_path: Path) -> None:
    nurseries = Nurseries()
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()

    def work(folder: Path) -> list[str]:
        with ended(nurseries):
            return [words(nurseries, folder) for _ in range(5)]

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(work, folders)) == [["words"] * 5] * 2


@contextmanager
def ended(nurseries: Nurseries) -> Iterator[None]:
    try:
        yield
    finally:
        nurseries.stop()


def pid_of(nurseries: Nurseries) -> int:
    return int(nurseries._own.nursery._process.pid)


@pytest.mark.parametrize(
    "reader", ["service.app", "workers.run", "workers.consume", "workers.scan.parent"]
)
def test_no_other_process_loads_an_extractor_or_its_library(reader: str) -> None:
    heavy = (
        "cv2 rapidocr onnxruntime magika pypdfium2 PIL yara_x zxingcpp "
        "service.uploads.formats service.uploads.extractors"
    )
    program = (
        f"import sys, {reader}; print([name for name in {heavy.split()!r} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert result.stdout.strip() == "[]"
