"""Processes that belong together: started, started again when one dies, and stopped together.

Nothing here knows what the processes do; `cli.supervise` holds the table of roles.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

from service.kernel.clock import ticks

FIRST_DELAY = 0.2
LONGEST_DELAY = 10.0
STEADY = 5.0
"""Seconds before a dead child is started again: the first time, at most, and how long a child must
have lived for its next death to count as the first."""

GRACE = 10.0
"""Seconds that children have to stop before they are killed."""

READY_WITHIN = 120.0
READY_POLL = 0.05


LAUNCHER = (sys.executable, "-P", "-m", "cli.lifeline")
"""What starts a child; it is given this process's id, the lifeline and the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One process to keep running: `command` is what follows `moderation`.

    `is_ready` is asked until it is true before everything counts as started; None means that the
    role is ready once it runs.
    """

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool] | None = None


@dataclass(slots=True)
class Child:
    """A role's present process, and when to start the next one after it died."""

    role: Role
    process: subprocess.Popen[bytes]
    started: float
    delay: float = FIRST_DELAY
    again_at: float | None = None


class StartFailed(Exception):
    """A role ended, or was not ready in time, before everything had started once."""


class Children:
    """Runs the roles until SIGINT, SIGTERM or SIGHUP; a context manager that leaves none behind."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        tell: Callable[[str], None],
        launcher: Sequence[str] = LAUNCHER,
    ) -> None:
        self._launcher = tuple(launcher)
        self._environment = dict(environment)
        self._tell = tell
        self._children: list[Child] = []
        self._up = 0
        self._stop_requests = 0
        self._gate: int | None = None
        self._lifeline, self._lifeline_held = os.pipe()
        self._wake, self._waker = os.pipe()
        for end in (self._wake, self._waker):
            os.set_blocking(end, False)

    def __enter__(self) -> Children:
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def stopping(self) -> bool:
        """Whether a signal has asked for the end."""
        return self._stop_requests > 0

    def load(self, roles: Iterable[Role]) -> None:
        """Start every role as far as it comes without being let go by `start`."""
        gate, self._gate = os.pipe()
        for role in roles:
            self._children.append(Child(role, self._spawn(role.command, gate), ticks()))
        os.close(gate)

    def finish(self, *command: str) -> int:
        """Run a command to its end, for preparation; returns its exit status.

        When the end is asked for meanwhile the command is stopped, and the status is not 0.
        """
        process = self._spawn(command)
        while process.poll() is None:
            self._wait(None)
            if self.stopping:
                process.terminate()
                process.wait()
                return 1
        return process.returncode

    def start(self) -> None:
        """Let the roles loaded last go and wait until all are ready; raises `StartFailed`."""
        self._let_go()
        deadline = ticks() + READY_WITHIN
        loaded, self._up = self._children[self._up :], len(self._children)
        for child in loaded:
            while not self.stopping:
                if child.process.poll() is not None:
                    raise StartFailed(f"{_describe_end(child)} before it was ready")
                if child.role.is_ready is None or child.role.is_ready():
                    break
                if ticks() > deadline:
                    raise StartFailed(f"{child.role.name} was not ready in {READY_WITHIN:.0f} s")
                self._wait(READY_POLL)

    def keep_running(self) -> None:
        """Start again whatever dies, until a signal asks for the end."""
        while not self.stopping:
            now = ticks()
            for child in self._children:
                if child.again_at is not None:
                    if child.again_at <= now:
                        child.process = self._spawn(child.role.command)
                        child.started, child.again_at = now, None
                elif child.process.poll() is not None:
                    if now - child.started > STEADY:
                        child.delay = FIRST_DELAY
                    self._tell(f"{_describe_end(child)}; starting it again in {child.delay:.1f} s")
                    child.again_at = now + child.delay
                    child.delay = min(child.delay * 2, LONGEST_DELAY)
            due = [child.again_at for child in self._children if child.again_at is not None]
            self._wait(max(min(due) - ticks(), 0.0) if due else None)

    def stop(self) -> None:
        """Ask every child to stop, last started first; kill what is left after `GRACE` seconds.

        A second signal kills at once.
        """
        requests = self._stop_requests
        left = [child.process for child in reversed(self._children)]
        for process in left:
            process.terminate()
        deadline = ticks() + GRACE
        while left := [process for process in left if process.poll() is None]:
            remaining = deadline - ticks()
            if remaining <= 0 or self._stop_requests > requests:
                self._tell("Some processes did not stop in time and are killed.")
                for process in left:
                    process.kill()
                    process.wait()
                break
            self._wait(remaining)
        self._children.clear()
        self._up = 0
        self._let_go()

    def _let_go(self) -> None:
        if self._gate is not None:
            os.close(self._gate)
            self._gate = None

    def _spawn(
        self, command: Iterable[str], gate: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Start `moderation COMMAND` so that it ends with this process, and once `gate` is closed.

        It is in a process group of its own: Ctrl-C reaches this process alone, which then stops
        the children in order.
        """
        return subprocess.Popen(  # noqa: S603
            [*self._launcher, str(os.getpid()), str(self._lifeline), *command],
            env=self._environment,
            stdin=gate,
            pass_fds=(self._lifeline,),
            process_group=0,
        )

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop_requests += 1

    def _wait(self, seconds: float | None) -> None:
        """Sleep until a signal arrives (a child's end is one) or the time is over."""
        if select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, 512)


def _describe_end(child: Child) -> str:
    status = child.process.returncode
    how = f"status {status}" if status >= 0 else f"signal {-status}"
    return f"{child.role.name} ended ({how})"
