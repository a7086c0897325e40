"""What a run found, per device and item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netstacks_tasks.errors import DeviceError, RunFailed
from netstacks_tasks.models.causes import Cause, Stage
from netstacks_tasks.models.ids import DeviceId, SnapshotId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceResult:
    """One item done on one device.

    `item` is what was done: `running` or `startup` for a backup, the name of
    the check for a health check. `attempt` is the attempt (from 1) that
    produced it: a retry carries over what an earlier attempt got right.
    """

    device_id: DeviceId
    device_name: str
    item: str
    ok: bool
    summary: str
    attempt: int = 1
    stage: Stage | None = None
    cause: Cause | None = None
    latency_ms: float | None = None
    snapshot_id: SnapshotId | None = None
    changed: bool = False
    """A new version (backup), or up->down / down->up (health check)."""

    @classmethod
    def failure(
        cls, device_id: DeviceId, item: str, error: DeviceError, *, attempt: int
    ) -> DeviceResult:
        """The result of a device that raised."""
        return cls(
            device_id=device_id,
            device_name=error.device,
            item=item,
            ok=False,
            summary=error.detail,
            attempt=attempt,
            stage=error.stage,
            cause=error.cause,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """All device results of a run; whether it failed is derived from them."""

    results: Sequence[DeviceResult]
    allowed_failures: int = 0
    """Devices that may fail before the run does."""

    @property
    def failed(self) -> tuple[DeviceResult, ...]:
        return tuple(result for result in self.results if not result.ok)

    @property
    def failed_devices(self) -> tuple[str, ...]:
        return tuple(sorted({result.device_name for result in self.failed}))

    @property
    def devices(self) -> tuple[str, ...]:
        return tuple(sorted({result.device_name for result in self.results}))

    def raise_on_error(self) -> None:
        """Raise `RunFailed` when more devices failed than allowed."""
        failed = self.failed_devices
        if len(failed) <= self.allowed_failures:
            return
        begun = [result for result in self.failed if result.cause != "not_begun"]
        reasons = "; ".join(
            f"{r.device_name} {r.item}: {r.stage}/{r.cause}: {r.summary}" for r in begun[:10]
        )
        more = f"; and {len(begun) - 10} more" if len(begun) > 10 else ""
        left = len(set(failed) - {result.device_name for result in begun})
        others = f"; {left} not begun" if left else ""
        raise RunFailed(
            f"{len(failed) - left} of {len(self.devices)} devices failed: {reasons}{more}{others}",
            failed,
        )
