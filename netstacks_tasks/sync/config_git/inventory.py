"""What a change of the inventory means for the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from netstacks_tasks.sync.config_git.messages import Trailer
from netstacks_tasks.sync.config_git.paths import renamed


@dataclass(frozen=True, slots=True)
class Followed:
    """Files that have to go, and those of them that come back under another path."""

    removed: Sequence[str]
    moved: Mapping[str, Trailer]
    """By the former path."""

    @property
    def subject(self) -> str:
        """What the commit is called."""
        gone = len(self.removed) - len(self.moved)
        parts = [f"{len(self.moved)} files renamed"] * bool(self.moved)
        parts += [f"{gone} files of removed devices"] * bool(gone)
        return f"Inventory: {', '.join(parts)}"


def followed(files: Mapping[str, Trailer], names: Mapping[UUID, str]) -> Followed:
    """Compare the files with the devices there are.

    Args:
        files: by path, as the log has them.
        names: what each device is called now.
    """
    removed: list[str] = []
    moved: dict[str, Trailer] = {}
    for path, trailer in files.items():
        name = None if trailer.device_id is None else names.get(trailer.device_id)
        target = None if name is None else renamed(path, name)
        if target == path:
            continue
        removed.append(path)
        there = None if target is None else files.get(target)
        if target is None or (there is not None and there.device_id == trailer.device_id):
            continue  # gone, or it has a version under its new name already
        moved[path] = Trailer(
            path=target, device_id=trailer.device_id, captured_at=trailer.captured_at
        )
    return Followed(removed, moved)
