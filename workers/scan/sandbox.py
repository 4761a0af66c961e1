"""Takes from the child what reading a file does not need: sockets, programs, writing, memory.

On Linux a seccomp filter refuses the calls themselves, which needs no privilege and holds in
containers. Everywhere the limits of the process hold. Nothing here can be undone by the child.
"""

from __future__ import annotations

import ctypes
import math
import os
import platform
import resource
import signal
import struct
import sys
from typing import Final, NamedTuple

from service.uploads.parts import ScanLimits

_FILES: Final = 64
_SHARED_MB: Final = 64
"""Of the memory: libraries mapped from their files, which the limit on data does not count."""
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ
_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE
_ANY_BIT: Final = 0x45  # BPF_JMP | BPF_JSET
_RETURN: Final = 0x06
_NUMBER: Final = 0  # offsets in struct seccomp_data
_ARCHITECTURE: Final = 4
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050001  # EPERM
_UNKNOWN_CALL: Final = 0x00050026  # ENOSYS: the C library tries the older call, which is looked at
_KILL: Final = 0x80000000
_X32: Final = 0x40000000
_CLONE_THREAD: Final = 0x10000
_CLONE3: Final = 435
_FIRST_ARGUMENT: Final = 16
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class _Machine(NamedTuple):
    """Numbers of one architecture; `opens` maps a call to the offset of its flags.

    `forking` are those of the refused that a process needs which starts children.
    """

    audit_arch: int
    clone: int
    refused: tuple[int, ...]
    opens: dict[int, int]
    forking: tuple[int, ...]


# The refused, in both rows, in this order: socket socketpair connect bind listen accept accept4
# sendto sendmsg sendmmsg; execve execveat; kill tkill tgkill pidfd_send_signal pidfd_getfd ptrace
# process_vm_readv process_vm_writev; setsid setpgid; unlinkat renameat renameat2 mkdirat linkat
# symlinkat mknodat fchmodat fchownat truncate utimensat setxattr openat2; mount umount2 pivot_root
# chroot unshare setns bpf perf_event_open userfaultfd keyctl add_key request_key io_uring_setup
# memfd_create; on x86-64 also fork vfork creat unlink rename mkdir rmdir link symlink mknod chmod
# chown lchown utime utimes.
_MACHINES: Final = {
    "x86_64": _Machine(
        0xC000003E,
        56,
        (
            *(41, 53, 42, 49, 50, 43, 288, 44, 46, 307),
            *(59, 322, 62, 200, 234, 424, 438, 101, 310, 311, 112, 109),
            *(263, 264, 316, 258, 265, 266, 259, 268, 260, 76, 280, 188, 437),
            *(165, 166, 155, 161, 272, 308, 321, 298, 323, 250, 248, 249, 425, 319),
            *(57, 58, 85, 87, 82, 83, 84, 86, 88, 133, 90, 92, 94, 132, 235),
        ),
        {2: 24, 257: 32},
        (57, 58, 62, 112),  # fork, vfork, kill, setsid
    ),
    "aarch64": _Machine(
        0xC00000B7,
        220,
        (
            *(198, 199, 203, 200, 201, 202, 242, 206, 211, 269),
            *(221, 281, 129, 130, 131, 424, 438, 117, 270, 271, 157, 154),
            *(35, 38, 276, 34, 37, 36, 33, 53, 54, 45, 88, 5, 437),
            *(40, 39, 41, 51, 97, 268, 280, 241, 282, 219, 217, 218, 425, 279),
        ),
        {56: 32},
        (129, 157),  # kill, setsid
    ),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)


def _filter(machine: _Machine, *, forks: bool) -> bytes:
    """The program: another architecture kills, what is refused answers EPERM, the rest runs."""
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, machine.audit_arch, then=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _X32, otherwise=1),
        _step(_RETURN, _REFUSE),
    ]
    for number in machine.refused:
        if forks and number in machine.forking:
            continue
        steps += [_step(_EQUAL, number, otherwise=1), _step(_RETURN, _REFUSE)]
    for number, flags in machine.opens.items():
        steps += [
            _step(_EQUAL, number, otherwise=4),
            _step(_LOAD, flags),
            _step(_ANY_BIT, _WRITING, otherwise=1),
            _step(_RETURN, _REFUSE),
            _step(_RETURN, _ALLOW),
        ]
    steps += [_step(_EQUAL, _CLONE3, otherwise=1), _step(_RETURN, _UNKNOWN_CALL)]
    if forks:
        return b"".join([*steps, _step(_RETURN, _ALLOW)])
    steps += [
        _step(_EQUAL, machine.clone, otherwise=3),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_ANY_BIT, _CLONE_THREAD, then=1),
        _step(_RETURN, _REFUSE),
    ]
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def _limit(which: int, value: int) -> None:
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        value = min(value, most)
    resource.setrlimit(which, (value, value))


def enter(limits: ScanLimits) -> None:
    """Give up every right that reading does not need; for good, and for every thread to come."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _FILES)
    _limit(resource.RLIMIT_CPU, math.ceil(limits.seconds) + 1)
    _limit(resource.RLIMIT_DATA, max(64, limits.memory_mb - _SHARED_MB) * 1024**2)
    _refuse_calls(forks=False)


def enter_nursery() -> None:
    """Give up what a process that only loads libraries and forks children does not need."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _refuse_calls(forks=True)


def _refuse_calls(*, forks: bool) -> None:
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return
    code = _filter(machine, forks=forks)
    program = _Program(len(code) // 8, code)
    if (
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        or libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0
    ):
        raise OSError(ctypes.get_errno(), "the filter of system calls was refused")
