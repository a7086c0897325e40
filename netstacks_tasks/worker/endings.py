"""How a run's process ended, in words that say what to do."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path
from typing import Final

from netstacks_tasks.worker.warm_processes import Ended

_GROUPS: Final = Path("/proc/self/cgroup")
_MOUNT: Final = Path("/sys/fs/cgroup")
_COUNTED: Final = ("oom_kill ", "oom_kill\t")


class OutOfMemoryKills:
    """How many processes the kernel has killed for lack of memory, where this one is counted."""

    def __init__(self, files: tuple[Path, ...] | None = None) -> None:
        """Find where it is counted.

        Args:
            files: the kernel's files with counters, the narrowest first; those of this
                process's control group and of the machine when not given.
        """
        self._files = _counters() if files is None else files

    def count(self) -> int:
        """So far; 0 where the kernel does not say."""
        return next((n for file in self._files if (n := _counted(file)) is not None), 0)


def _counters() -> tuple[Path, ...]:
    found = []
    with contextlib.suppress(OSError):
        for line in _GROUPS.read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            inside = path.lstrip("/")
            if not kinds:
                found.append(_MOUNT / inside / "memory.events")
            elif "memory" in kinds.split(","):
                found.append(_MOUNT / "memory" / inside / "memory.oom_control")
    return (*found, Path("/proc/vmstat"))


def _counted(file: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        for line in file.read_text().splitlines():
            if line.startswith(_COUNTED):
                return int(line.split()[1])
    return None


def describe(ended: Ended, *, starved: bool) -> str:
    """One sentence for the state and the log of a run whose process ended badly.

    Args:
        ended: how.
        starved: the kernel killed something for lack of memory meanwhile.
    """
    used = f" It had used {ended.cpu_seconds:.1f} s of CPU and {ended.memory_kib // 1024} MiB."
    if ended.status is None:
        return (
            "The run's process is gone and nobody saw how: the process that had started it was "
            "gone before."
        )
    if ended.status >= 0:
        return f"The run's process ended with exit code {ended.status}.{used}"
    if ended.status == -signal.SIGKILL and starved:
        return (
            "The run's process was killed by the kernel, which was out of memory: give the worker "
            f"more, or let fewer runs work at a time.{used}"
        )
    return f"The run's process was ended by {_signal(-ended.status)}.{used}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
