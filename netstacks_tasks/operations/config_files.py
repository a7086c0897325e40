"""The newest configuration of each device as a file."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.file_name import file_name
from netstacks_tasks.store.batches import Batches

__all__ = ["ConfigFiles", "file_name"]

_PART: Final = ".part-"
_ABANDONED_SECONDS: Final = 600
"""A part this old has no writer: one takes moments."""


class ConfigFiles:
    """Writes `<root>/<destination>/<device>.<source>.cfg`, whole or not at all."""

    def __init__(
        self, root: Path, destination: str, written: Callable[[str], str] | None = None
    ) -> None:
        """Of a text, `written` makes what a file holds; all of it unless given."""
        self._root = root
        self._written = written
        self._folder = root / destination
        self._swept = False
        self._looks: Batches[Mapping[Path, str], Mapping[Path, bytes]] = Batches(self._look)

    def path(self, device_name: str, source: str) -> Path:
        """Where a device's newest configuration lies."""
        return self._folder / f"{file_name(device_name)}.{source}.cfg"

    async def write(self, device_name: str, contents: Mapping[str, str]) -> None:
        """Replace a device's files, by source, unless they hold just that.

        Raises:
            DeviceError: stage `store`; of a file that was not replaced the old one is there.
        """
        files = {self.path(device_name, source): text for source, text in contents.items()}
        try:
            stale = await self._looks.do(files)
            if stale:
                await asyncio.to_thread(self._write_all, stale)
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

    async def _look(self, devices: Sequence[Mapping[Path, str]]) -> list[Mapping[Path, bytes]]:
        return await asyncio.to_thread(self._stale, devices)

    def _stale(self, devices: Sequence[Mapping[Path, str]]) -> list[Mapping[Path, bytes]]:
        """What has to be written: most nights nothing has changed, and no disk needs to wait."""
        self._require_within()
        written = self._written or str
        wanted = [{path: written(text).encode() for path, text in one.items()} for one in devices]
        return [
            {path: data for path, data in one.items() if not _holds(path, data)} for one in wanted
        ]

    def _require_within(self) -> None:
        if not self._folder.resolve().is_relative_to(self._root.resolve()):
            raise _Escapes

    def _write_all(self, files: Mapping[Path, bytes]) -> None:
        self._require_within()
        for path, data in files.items():
            self._write(path, data)

    def _write(self, path: Path, data: bytes) -> None:
        # Configurations hold password hashes and keys: for the owner alone.
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._swept:
            self._swept = True
            self._sweep()
        descriptor, part = tempfile.mkstemp(dir=self._folder, prefix=_PART)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
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


def _holds(path: Path, data: bytes) -> bool:
    """Whether it is there already."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        size = os.fstat(descriptor).st_size
        return size == len(data) and os.read(descriptor, size) == data
    except OSError:
        return False
    finally:
        os.close(descriptor)


class _Escapes(Exception):
    """The destination is not below the root."""
