"""What a commit says, for people and for whoever goes on writing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from netstacks_tasks.store.version_log import LoggedVersion
from netstacks_tasks.sync.config_git.paths import path_of

_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TRAILER: Final = re.compile(
    rf"(?:Version: (?P<version>{_UUID})|(?P<kept>Kept:)|(?P<removed>Removed:))"
    rf"(?: device=(?P<device>{_UUID}|-) captured=(?P<captured>[0-9T:.-]+Z))? (?P<path>\S+)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """What became of one file by a commit."""

    path: str
    version_id: UUID | None = None
    """The version that was written; None: it is one that was there, or the file was removed."""
    device_id: UUID | None = None
    captured_at: datetime | None = None
    """None: the file was removed."""

    def __str__(self) -> str:
        if self.captured_at is None:
            return f"Removed: {self.path}"
        word = "Kept:" if self.version_id is None else f"Version: {self.version_id}"
        at = self.captured_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return f"{word} device={self.device_id or '-'} captured={at} {self.path}"


def trailer_of(version: LoggedVersion) -> Trailer:
    """The trailer of a version."""
    return Trailer(
        path=path_of(version.destination, version.device_name, version.source),
        version_id=version.id,
        device_id=version.device_id,
        captured_at=version.captured_at,
    )


def message_of(versions: Sequence[LoggedVersion]) -> str:
    """The message of a commit of one run's versions."""
    first = versions[0]
    task = first.task_name or "no task"
    what = (
        f"{first.device_name} {first.source}"
        if len(versions) == 1
        else f"{len(versions)} configurations"
    )
    said = [f"Task: {task}"] if first.task_id is None else [f"Task: {task} ({first.task_id})"]
    if first.run_id is not None:
        said.append(f"Run: {first.run_id}")
    return _message(f"{task}: {what}", [*said, *(str(trailer_of(one)) for one in versions)])


def housekeeping(subject: str, trailers: Iterable[Trailer]) -> str:
    """The message of a commit that writes no version."""
    return _message(subject, [str(trailer) for trailer in trailers])


def trailers_in(message: str) -> list[Trailer]:
    """The trailers of a message, in order; a message of somebody else has none."""
    found = []
    for line in message.splitlines():
        match = _TRAILER.fullmatch(line)
        if match is None or (match["removed"] is None) == (match["captured"] is None):
            continue
        found.append(
            Trailer(
                path=match["path"],
                version_id=None if match["version"] is None else UUID(match["version"]),
                device_id=_device(match["device"]),
                captured_at=_time(match["captured"]),
            )
        )
    return found


def _device(text: str | None) -> UUID | None:
    return UUID(text) if text not in {None, "-"} else None


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _message(subject: str, trailers: Sequence[str]) -> str:
    return "\n".join([subject, "", *trailers, ""])
