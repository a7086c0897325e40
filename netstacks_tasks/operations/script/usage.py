"""What the processes of a script and its folder use, as the kernel tells it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEEPEST: Final = 40
"""Folders within folders."""
MOST_FILES: Final = 20_000
"""Files and folders."""

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """At one moment."""

    cpu_seconds: float
    """So far, of those that ended too."""
    memory_bytes: int
    """Shared pages count as often as they are shared."""
    processes: int
    """Threads included."""
    pids: tuple[int, ...]


def usage_below(pid: int) -> Usage:
    """What a process has started; itself left out."""
    ticks = memory = threads = 0
    found = tuple(_descendants(pid))
    for one in (pid, *found):
        fields = _stat(one)
        if fields is None:
            continue
        # Of ended children; see proc_pid_stat(5), counted from the state.
        ticks += int(fields[13]) + int(fields[14])
        if one != pid:
            ticks += int(fields[11]) + int(fields[12])
            threads += int(fields[17])
            memory += int(fields[21]) * _PAGE
    return Usage(cpu_seconds=ticks / _TICKS, memory_bytes=memory, processes=threads, pids=found)


def _descendants(pid: int) -> Iterator[int]:
    parents = [pid]
    while parents:
        below = list(_children(parents.pop()))
        yield from below
        parents += below


def _children(pid: int) -> Iterator[int]:
    """Of all its threads; whatever ends meanwhile has none."""
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                text = (thread / "children").read_text(encoding="ascii")
                yield from [int(word) for word in text.split()]


def _stat(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def proportional_memory(pids: tuple[int, ...]) -> int:
    """Bytes, a shared page divided among those that share it; slower, and true."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            fields = _stat(pid)
            total += 0 if fields is None else int(fields[21]) * _PAGE
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


@dataclass(slots=True)
class FolderUsage:
    """What lies in a folder."""

    bytes: int = 0
    """On the disk."""
    files: int = 0
    too_deep: bool = False


def folder_usage(folder: Path) -> FolderUsage:
    """Measure a folder that changes meanwhile; no link is followed.

    It ends early where `MOST_FILES` or `DEEPEST` are passed.
    """
    found = FolderUsage()
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return found
    _measure(handle, 1, found)
    return found


def _measure(handle: int, depth: int, found: FolderUsage) -> None:
    try:
        if depth > DEEPEST:
            found.too_deep = True
            return
        for name in os.listdir(handle):
            found.files += 1
            if found.files > MOST_FILES or found.too_deep:
                return
            _measure_entry(name, handle, depth, found)
    except OSError:
        return
    finally:
        os.close(handle)


def _measure_entry(name: str, handle: int, depth: int, found: FolderUsage) -> None:
    try:
        seen = os.stat(name, dir_fd=handle, follow_symlinks=False)
        found.bytes += seen.st_blocks * 512
        if stat.S_ISDIR(seen.st_mode):
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            _measure(os.open(name, flags, dir_fd=handle), depth + 1, found)
    except OSError:
        return  # it went meanwhile


def unlinked_bytes(pids: tuple[int, ...]) -> int:
    """On the disk, of files without a name that these processes hold open."""
    sizes: dict[tuple[int, int], int] = {}
    for pid in pids:
        try:
            handles = list(Path(f"/proc/{pid}/fd").iterdir())
        except OSError:
            continue
        for handle in handles:
            try:
                seen = handle.stat()
            except OSError:
                continue
            if stat.S_ISREG(seen.st_mode) and seen.st_nlink == 0:
                sizes[seen.st_dev, seen.st_ino] = seen.st_blocks * 512
    return sum(sizes.values())
