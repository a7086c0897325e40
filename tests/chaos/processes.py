"""Which processes of the stack there are."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

_WARM = b"netstacks_tasks.worker.warm_parent"


def below(pid: int) -> list[int]:
    """All descendants of a process, the nearest first."""
    found: list[int] = []
    parents = [pid]
    while parents:
        for task in Path(f"/proc/{parents.pop(0)}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                children = [int(one) for one in task.read_text().split()]
                found += children
                parents += children
    return found


def warm_parent(worker: int) -> int | None:
    """The process that a worker's runs are forked from."""
    warm = [pid for pid in below(worker) if _WARM in _read(pid, "cmdline")]
    return warm[0] if warm else None


def flows(worker: int) -> list[int]:
    """The processes of a worker's runs, without what they have started themselves."""
    parent = warm_parent(worker)
    return [] if parent is None else [pid for pid in below(parent) if _parent(pid) == parent]


def kill(pids: Iterable[int]) -> None:
    """All of them, without ceremony."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def strays(folder: Path, programs: Iterable[int]) -> dict[int, str]:
    """Processes that have to do with a folder, beyond programs that are idle -> their command.

    Args:
        folder: of the stack's state.
        programs: the ids of its programs. What they have started belongs to them, but for the
            children of a warm parent: those are runs.
    """
    known = set(programs)
    for pid in list(known):
        known |= {one for one in below(pid) if one not in flows_and_more(pid)}
        known.add(_parent(pid))
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        mine = pid in known or pid == os.getpid()
        if not mine and _concerns(pid, os.fsencode(folder)) and _state(pid) != "Z":
            found[pid] = _read(pid, "cmdline").replace(b"\0", b" ").decode(errors="replace")[:150]
    return found


def flows_and_more(pid: int) -> set[int]:
    """The runs below a program, and all that they have started."""
    runs = flows(pid)
    return {*runs, *(one for run in runs for one in below(run))}


def _concerns(pid: int, folder: bytes) -> bool:
    with contextlib.suppress(OSError):
        if folder in os.fsencode(Path(f"/proc/{pid}/cwd").readlink()):
            return True
    return folder in _read(pid, "environ") or folder in _read(pid, "cmdline")


def _parent(pid: int) -> int:
    return int((_read(pid, "stat").rpartition(b")")[2].split() or [b"0", b"0"])[1])


def _state(pid: int) -> str:
    return (_read(pid, "stat").rpartition(b")")[2].split() or [b"Z"])[0].decode()


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
