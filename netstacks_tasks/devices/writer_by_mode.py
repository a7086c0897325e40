"""A platform on which adding lines and replacing the whole are done in different ways."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from netstacks_tasks.devices.ports import ConfigChange, ConfigWriter
from netstacks_tasks.models.inventory import DeviceTarget
from netstacks_tasks.models.rollout import ConfigMode


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterByMode:
    """Leaves each mode to its own writer."""

    merge: ConfigWriter
    replace: ConfigWriter

    def change(
        self, target: DeviceTarget, candidate: str, *, mode: ConfigMode
    ) -> AbstractAsyncContextManager[ConfigChange]:
        """The writer's own change."""
        writer = self.replace if mode == "replace" else self.merge
        return writer.change(target, candidate, mode=mode)
