"""Watches that a script keeps to its limits, where the kernel does not by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from netstacks_tasks.operations.script.limits import MEBIBYTE, ScriptLimits
from netstacks_tasks.operations.script.usage import (
    DEEPEST,
    MOST_FILES,
    folder_usage,
    proportional_memory,
    unlinked_bytes,
    usage_below,
)

_PAUSE_SECONDS: Final = 0.5


async def overuse(pid: int, folder: Path, limits: ScriptLimits, *, given: int) -> str:
    """Wait until a script uses too much; say of what.

    Args:
        pid: the process that started it.
        folder: the script's own.
        limits: what it may use.
        given: bytes that lay in the folder before, which do not count.
    """
    most = limits.disk_mib * MEBIBYTE + given
    while True:
        await asyncio.sleep(_PAUSE_SECONDS)
        reason = _processes(pid, limits) or await asyncio.to_thread(
            _disk, pid, folder, limits, most
        )
        if reason:
            return reason


def _processes(pid: int, limits: ScriptLimits) -> str:
    used = usage_below(pid)
    if limits.cpu_seconds is not None and used.cpu_seconds > limits.cpu_seconds:
        return cpu_reason(limits)
    most = limits.memory_mib * MEBIBYTE
    if used.memory_bytes > most and proportional_memory(used.pids) > most:
        return f"it used more than {limits.memory_mib} MiB of memory (max_memory_mib)"
    if used.processes > limits.processes:
        return f"it had more than {limits.processes} processes and threads (max_processes)"
    return ""


def cpu_reason(limits: ScriptLimits) -> str:
    """What is said of one that used too much CPU time."""
    return f"it used more than {limits.cpu_seconds} s of CPU (max_cpu_seconds)"


def _disk(pid: int, folder: Path, limits: ScriptLimits, most: int) -> str:
    used = folder_usage(folder)
    if used.too_deep:
        return f"its folder holds folders nested deeper than {DEEPEST}"
    if used.files > MOST_FILES:
        return f"its folder holds more than {MOST_FILES} files"
    if used.bytes + unlinked_bytes(usage_below(pid).pids) > most:
        return f"its files hold more than {limits.disk_mib} MiB (max_disk_mib)"
    return ""
