"""Why a script failed, as far as it can be told."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Final

from netstacks_tasks.operations.script.limits import ScriptLimits
from netstacks_tasks.operations.script.watch import cpu_reason

_LAST_LINES: Final = 10
_SIGNALLED: Final = 128


def exit_reason(exit_code: int, stderr: str, limits: ScriptLimits) -> str:
    """What an exit code other than 0 says; what the last lines hint at comes behind.

    Most limits only make a call of the script fail: it may have failed for
    another reason, and said the same words.
    """
    if exit_code == _SIGNALLED + signal.SIGXCPU and limits.cpu_seconds is not None:
        return cpu_reason(limits)
    if exit_code == _SIGNALLED + signal.SIGXFSZ:
        return f"it wrote a file of more than {limits.disk_mib} MiB (max_disk_mib)"
    how = f"it ended with exit code {exit_code}"
    number = exit_code - _SIGNALLED
    if number in {one.value for one in signal.Signals}:
        how += f" ({signal.Signals(number).name}{_killed(number)})"
    last = "\n".join(stderr.splitlines()[-_LAST_LINES:])
    return "; ".join([how, *_hints(last, limits)])


def _killed(number: int) -> str:
    killed = number == signal.SIGKILL
    return ", perhaps because the machine ran out of memory" if killed else ""


def _hints(text: str, limits: ScriptLimits) -> Iterator[str]:
    words = {
        f"it may have run out of its {limits.memory_mib} MiB of memory (max_memory_mib)": (
            "MemoryError",
            "annot allocate memory",
            "ut of memory",
            "bad_alloc",
        ),
        f"it may have had its {limits.open_files} files open (max_open_files)": (
            "Too many open files",
        ),
        f"it may have written a file of {limits.disk_mib} MiB (max_disk_mib)": ("File too large",),
        f"it may have had its {limits.processes} processes and threads (max_processes)": (
            "fork: ",
            "start new thread",
            "BlockingIOError: [Errno 11]",
        ),
    }
    for hint, said in words.items():
        if any(word in text for word in said):
            yield hint
