"""The newest configuration of each device as a file."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import Final

from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.file_name import file_name
from netstacks_tasks.store.batches import Batches

__all__ = ["ConfigFiles", "file_name"]

_PART: Final = ".part-"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PORTION: Final = 8
"""Devices whose files one thread writes one after the other."""
_ABANDONED_SECONDS: Final = 600
"""A part this old has no writer: one takes moments."""


class ConfigFiles:
    """Writes `<root>/<destination>/<device>.<source>.cfg`, whole or not at all."""

    def __init__(
        self, root: Path, destination: str, written: Callable[[str], str] | None = None
    ) -> None:
        """Of a text, `written` makes what a file holds; all of it unless given."""
        self._root = root
        self._written = written or str
        self._folder = root / destination
        self._batches: Batches[Mapping[str, str], None] = Batches(self._write_all)
        self._part = f"{self._folder}/{_PART}{secrets.token_hex(8)}-"
        """The beginning of the names of halves; nobody else's begin with it."""
        self._numbers = count()
        self._swept = False

    def path(self, device_name: str, source: str) -> Path:
        """Where a device's newest configuration lies."""
        return self._folder / f"{file_name(device_name)}.{source}.cfg"

    async def write(self, device_name: str, contents: Mapping[str, str]) -> None:
        """Replace a device's files, by source, unless they hold just that.

        Raises:
            DeviceError: stage `store`; of a file that was not replaced the old one is there.
        """
        files = {str(self.path(device_name, source)): text for source, text in contents.items()}
        try:
            await self._batches.do(files)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DeviceError(
                device_name, "store", "storage", f"cannot write below {self._root}: {reason}"
            ) from error
        except _Escapes:
            raise DeviceError(
                device_name,
                "store",
                "storage",
                f"{self._folder} leads out of {self._root} by a symbolic link; remove the link",
            ) from None

    async def _write_all(self, devices: Sequence[Mapping[str, str]]) -> list[None]:
        """A few at a time in each thread: a change of threads costs more than a file."""
        await asyncio.to_thread(self._prepare)
        portions = (devices[at : at + _PORTION] for at in range(0, len(devices), _PORTION))
        await asyncio.gather(*(asyncio.to_thread(self._write_some, some) for some in portions))
        return [None] * len(devices)

    def _prepare(self) -> None:
        if not self._folder.resolve().is_relative_to(self._root.resolve()):
            raise _Escapes
        # Configurations hold password hashes and keys: for the owner alone.
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._swept:
            self._swept = True
            self._sweep()

    def _write_some(self, devices: Sequence[Mapping[str, str]]) -> None:
        new = []
        for files in devices:
            for path, text in files.items():
                data = self._written(text).encode()
                # Most nights nothing has changed, and no disk needs to wait.
                if not _holds(path, data):
                    new.append((path, data))
        if new:
            self._replace(new)

    def _replace(self, new: Sequence[tuple[str, bytes]]) -> None:
        # By the system's own calls: each one more is a change of threads.
        halves: dict[str, str] = {}
        try:
            with ExitStack() as opened:
                descriptors = []
                for path, data in new:
                    part = f"{self._part}{next(self._numbers)}"
                    descriptor = os.open(part, _NEW, 0o600)
                    opened.callback(os.close, descriptor)
                    halves[part] = path
                    _fill(descriptor, data)
                    descriptors.append(descriptor)
                for descriptor in descriptors:
                    os.fsync(descriptor)
            for part, path in halves.items():
                os.replace(part, path)  # noqa: PTH105 - see above
        except BaseException:
            for part in halves:
                with suppress(FileNotFoundError):  # it is in its place
                    os.unlink(part)  # noqa: PTH108
            raise

    def _sweep(self) -> None:
        """Remove what writers left that were killed: halves of configurations."""
        oldest = time.time() - _ABANDONED_SECONDS
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if not entry.name.startswith(_PART):
                    continue
                with suppress(FileNotFoundError):  # just put in its place
                    if entry.stat().st_mtime < oldest:
                        Path(entry.path).unlink()


def _fill(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
    # The disk begins at once: of many files that wait for it together each costs half. It is
    # advice, which not every system takes.
    with suppress(AttributeError, OSError):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _holds(path: str, data: bytes) -> bool:
    """Whether it is there already."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.read(descriptor, len(data) + 1) == data
    except OSError:
        return False
    finally:
        os.close(descriptor)


class _Escapes(Exception):
    """The destination is not below the root."""
