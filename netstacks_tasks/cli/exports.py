"""Writes versions of configurations to files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from netstacks_tasks.embedded.private_files import write_private
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.operations.config_files import file_name

if TYPE_CHECKING:
    from netstacks_tasks.store.snapshots import Snapshot
    from netstacks_tasks.wiring import NetStacks

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which versions."""

    device: str | None = None
    destination: str | None = None
    source: str | None = None
    every: bool = False
    """Not only the newest of each device, destination and source."""


async def export_versions(netstacks: NetStacks, root: Path, wanted: Wanted) -> list[Path]:
    """Write the versions below a folder; returns the files.

    Raises:
        InvalidInput: a file cannot be written.
    """
    written: dict[Path, None] = {}
    async for version in _versions(netstacks, wanted):
        path = root / version.destination / _name(version, wanted)
        if path in written:
            continue  # the newest comes first
        stored = await netstacks.snapshot(version.id)
        try:
            await asyncio.to_thread(_write, path, stored.content)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InvalidInput.single("--to", f"{path} cannot be written: {reason}") from None
        written[path] = None
    return list(written)


async def _versions(netstacks: NetStacks, wanted: Wanted) -> AsyncIterator[Snapshot]:
    last: Snapshot | None = None
    while True:
        page = await netstacks.snapshots(
            wanted.device, wanted.destination, wanted.source, _PAGE, last
        )
        for version in page:
            yield version
        if len(page) < _PAGE:
            return
        last = page[-1]


def _name(version: Snapshot, wanted: Wanted) -> str:
    time = f".{version.captured_at:%Y%m%dT%H%M%S%fZ}" if wanted.every else ""
    return f"{file_name(version.device_name)}{time}.{version.source}.cfg"


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, content)
