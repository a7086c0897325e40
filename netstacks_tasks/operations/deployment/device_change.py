"""One device: compare, keep what it has, apply, verify, check, and go back if need be."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from netstacks_tasks.devices.ports import ConfigChange
from netstacks_tasks.ending import to_its_end
from netstacks_tasks.errors import DeviceError, NetstacksError
from netstacks_tasks.models.capture import Capture
from netstacks_tasks.models.causes import Stage
from netstacks_tasks.models.ids import SnapshotId
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.rollout import Rollout
from netstacks_tasks.models.stack_rendering import Rendered
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.deployment.earlier import BASELINE, CONFIG, Earlier
from netstacks_tasks.operations.deployment.ports import DeploymentPorts
from netstacks_tasks.operations.deployment.post_checks import pass_checks
from netstacks_tasks.operations.failure import as_device_error, require_time, within
from netstacks_tasks.operations.ledger import Ledger

T = TypeVar("T")

_LEAST_SECONDS: Final = 2.0
_GIVEN_UP_SECONDS: Final = 20.0
"""For taking a change back when the run itself is told to end."""
_PAUSE_SECONDS: Final = 2.0
_TRIES: Final = 3


class DeviceChange:
    """A change of one device, made once."""

    def __init__(
        self,
        rendered: Rendered,
        rollout: Rollout,
        ports: DeploymentPorts,
        attempt: Attempt,
        ledger: Ledger,
        earlier: Earlier,
    ) -> None:
        self._device: Device = rendered.device
        self._text = rendered.text
        self._rollout = rollout
        self._ports = ports
        self._attempt = attempt
        self._ledger = ledger
        self._earlier = earlier
        # Taking a change back takes as long as making it did, and a look more.
        left = attempt.deadline.left
        kept = min(left * 0.6, attempt.device_timeout * 1.5)
        self._deadline = Deadline.after(min(attempt.device_timeout, left - kept))
        self.diff = ""
        """What changed, or would; what a failed change was meant to do."""

    async def made(self) -> DeviceResult:
        """Make the change.

        Raises:
            DeviceError: the device is as it was, unless its stage is
                `roll_back` or `save`.
        """
        name = self._device.name
        require_time(self._deadline, name, "start", _LEAST_SECONDS)
        writer = self._ports.writers.writer_for(self._device)
        credential = await self._ports.credentials.of(self._device)
        target = DeviceTarget(device=self._device, credential=credential)

        async def work() -> DeviceResult:
            async with writer.change(target, self._text, mode=self._rollout.mode) as change:
                return await self._through(change, target)

        return await self._ports.locks.while_locked(
            self._device, work, patience=self._deadline.left / 2
        )

    async def _through(self, change: ConfigChange, target: DeviceTarget) -> DeviceResult:
        running = await self._within("compare", change.running)
        if await self._as_we_left_it(running):
            return await self._unchanged(change, running)
        self.diff = await self._within("compare", change.compare)
        if not self.diff and self._earlier.baseline is None:
            return await self._unchanged(change, running)
        if self._rollout.dry_run:
            return self._result(f"dry run: {_counted(self.diff)}; nothing was sent")
        return await self._change(change, target, running)

    async def _unchanged(self, change: ConfigChange, running: str) -> DeviceResult:
        said = "no change: it holds what was rendered"
        if self._rollout.dry_run:
            return self._result(said)
        if self._earlier.unsaved and self._rollout.save:
            await self._within("save", lambda timeout: change.keep(save=True, timeout=timeout))
            said = "in force since an earlier attempt; saved for the next boot"
        await self._remember(running)
        return self._result(said)

    async def _change(
        self, change: ConfigChange, target: DeviceTarget, running: str
    ) -> DeviceResult:
        before, version = await self._baseline(running)
        try:
            notes = await self._applied(change, target, before, version)
        except Exception:
            raise
        except BaseException:
            await to_its_end(self._taken_back(change, before))
            raise
        keeping = asyncio.ensure_future(self._kept(change, before, notes))
        try:
            await asyncio.wait({keeping})
        except BaseException:
            await to_its_end(self._kept_in_haste(keeping))
            raise
        return keeping.result()

    async def _applied(
        self, change: ConfigChange, target: DeviceTarget, before: str, version: SnapshotId
    ) -> tuple[str, ...]:
        try:
            # An attempt that was cut off may have applied all of it already.
            notes = await self._within("apply", change.apply) if self.diff else ()
            await self._within("verify", change.verify)
            await pass_checks(self._rollout.post_checks, target, self._ports.probes, self._deadline)
        except Exception as error:
            failure = as_device_error(error, self._device.name, "apply")
            raise await self._rolled_back(change, before, version, failure) from error
        return tuple(notes)

    async def _kept(
        self, change: ConfigChange, before: str, notes: tuple[str, ...]
    ) -> DeviceResult:
        await self._within(
            "save", lambda timeout: change.keep(save=self._rollout.save, timeout=timeout)
        )
        after = await self._within("verify", change.running)
        kept = await self._keep(after)
        await self._remember(after)
        seen = self._ports.difference(self._device.platform, before, after)
        self.diff = seen or self.diff
        said = _counted(seen) if seen else "the device shows no difference"
        return self._result(
            "; ".join([f"{said}, verified", *notes]), snapshot_id=kept, changed=bool(seen)
        )

    async def _baseline(self, running: str) -> tuple[str, SnapshotId]:
        """Keep what the device holds before it is touched; where it must go back to."""
        if self._earlier.baseline is not None:
            # An attempt before this one was cut off in the middle of the change.
            return await self._ports.baselines.text(self._earlier.baseline), self._earlier.baseline
        version = await self._keep(running)
        await self._ledger.add(
            [
                DeviceResult(
                    device_id=self._device.id,
                    device_name=self._device.name,
                    item=BASELINE,
                    ok=True,
                    summary="kept before the change",
                    attempt=self._attempt.number,
                    snapshot_id=version,
                )
            ]
        )
        return running, version

    async def _keep(self, text: str) -> SnapshotId:
        try:
            kept = await self._ports.baselines.keep(
                Capture(
                    device=self._device,
                    source="running",
                    content=text,
                    normalised=self._ports.normalise(self._device.platform, text),
                )
            )
        except NetstacksError as error:
            raise as_device_error(error, self._device.name, "store") from error
        return kept.snapshot_id

    async def _rolled_back(
        self, change: ConfigChange, before: str, version: SnapshotId, failure: DeviceError
    ) -> DeviceError:
        """The failure to report, after the device was taken back to what it had."""
        for left in reversed(range(_TRIES)):
            try:
                seconds = max(self._attempt.deadline.left, _LEAST_SECONDS)
                await within(
                    change.roll_back(before, timeout=seconds),
                    device=self._device.name,
                    stage="roll_back",
                    seconds=seconds,
                )
                break
            except Exception as error:
                found = as_device_error(error, self._device.name, "roll_back")
                if left and self._attempt.deadline.left > 2 * _PAUSE_SECONDS:
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                return DeviceError(
                    self._device.name,
                    "roll_back",
                    found.cause,
                    f"{failure.detail}; AND ROLLING BACK FAILED: {found.detail}; the configuration "
                    f"it had: netstacks snapshot show {version}",
                )
        return DeviceError(
            self._device.name,
            failure.stage,
            failure.cause,
            f"{failure.detail}; rolled back to the configuration before",
        )

    async def _taken_back(self, change: ConfigChange, before: str) -> None:
        """The run is told to end in the middle of the change: take it back, and say so."""
        stage: Stage = "apply"
        end = "rolled back"
        try:
            async with asyncio.timeout(_GIVEN_UP_SECONDS):
                await change.roll_back(before, timeout=_GIVEN_UP_SECONDS)
        except Exception:
            stage, end = "roll_back", "ROLLING BACK FAILED"
        await self._record_told(stage, f"in the middle of the change; {end}")

    async def _kept_in_haste(self, keeping: asyncio.Future[DeviceResult]) -> None:
        """The run is told to end when the change is verified: see it through, and say so."""
        try:
            async with asyncio.timeout(_GIVEN_UP_SECONDS):
                result = await keeping
        except Exception as error:
            found = as_device_error(error, self._device.name, "save")
            await self._record_told("save", f"when the change was in force: {found.detail}")
        else:
            await self._ledger.add([result])

    async def _record_told(self, stage: Stage, when: str) -> None:
        name = self._device.name
        failure = DeviceError(name, stage, "timed_out", f"the run was told to end {when}")
        await self._ledger.add(
            [DeviceResult.failure(self._device.id, CONFIG, failure, attempt=self._attempt.number)]
        )

    async def _as_we_left_it(self, running: str) -> bool:
        """Whether the last deployment rendered the same and the device has not changed since.

        Some lines leave no trace in a configuration: only so is it known that
        they need not be sent again.
        """
        left = await self._ports.states.left_as(self._device.id)
        return left == (self._rendered_hash, self._hash(running))

    async def _remember(self, running: str) -> None:
        await self._ports.states.leave(self._device.id, self._rendered_hash, self._hash(running))

    @property
    def _rendered_hash(self) -> str:
        return hashlib.sha256(f"{self._rollout.mode}\n{self._text}".encode()).hexdigest()

    def _hash(self, running: str) -> str:
        text = self._ports.normalise(self._device.platform, running)
        return hashlib.sha256(text.encode()).hexdigest()

    async def _within(self, stage: Stage, step: Callable[..., Awaitable[T]]) -> T:
        """A step of the change, and no longer than the device has."""
        name = self._device.name
        seconds = self._deadline.left
        if seconds < _LEAST_SECONDS / 4:
            raise DeviceError(name, stage, "timed_out", "the device's time is used up")
        return await within(step(timeout=seconds), device=name, stage=stage, seconds=seconds)

    def _result(
        self, summary: str, *, snapshot_id: SnapshotId | None = None, changed: bool = False
    ) -> DeviceResult:
        return DeviceResult(
            device_id=self._device.id,
            device_name=self._device.name,
            item=CONFIG,
            ok=True,
            summary=summary,
            attempt=self._attempt.number,
            snapshot_id=snapshot_id,
            changed=changed,
        )


def _counted(diff: str) -> str:
    """`3 lines added, 1 taken away`."""
    marks = [line[:1] for line in diff.splitlines() if not line.startswith(("+++", "---"))]
    added, gone = marks.count("+"), marks.count("-")
    return f"{added} line{'' if added == 1 else 's'} added, {gone} taken away"
