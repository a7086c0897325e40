"""Deploys to many devices: canaries first, then batch after batch, until too many fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netstacks_tasks.ending import to_its_end
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.rollout import Rollout, batches
from netstacks_tasks.models.stack_rendering import Rendered
from netstacks_tasks.operations import carried
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.deployment.device_change import DeviceChange
from netstacks_tasks.operations.deployment.earlier import CONFIG, Earlier
from netstacks_tasks.operations.deployment.ports import DeploymentPorts
from netstacks_tasks.operations.failure import as_device_error
from netstacks_tasks.operations.ledger import Ledger
from netstacks_tasks.operations.parallel import run_bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What a deployment found and did."""

    results: tuple[DeviceResult, ...]
    diffs: Mapping[str, str]
    """By device name: what changed, or would change in a dry run."""


async def deploy(
    rendered: Sequence[Rendered],
    rollout: Rollout,
    earlier: Sequence[DeviceResult],
    ports: DeploymentPorts,
    attempt: Attempt,
) -> Deployed:
    """Bring every device to what was rendered for it, except those `earlier` holds as done.

    A device that could not be rendered counts as failed before any is touched.
    A failed canary, or as many failed devices as the rollout allows, and no
    further device is begun.

    Args:
        rendered: the devices in the order of their deployment.
        rollout: the way.
        earlier: the results of this run's earlier attempts.
        ports: what to read from and write to.
        attempt: its number and its time.

    Returns:
        At least one result per device, `config`; what was carried over included.

    Raises:
        NetstacksError: the results could not be recorded.
    """
    wanted = {one.device.id for one in rendered}
    newest = [r for r in carried.newest_results(earlier) if r.device_id in wanted]
    done = {r.device_id for r in newest if r.item == CONFIG and r.ok}
    ledger = Ledger(
        ports.recorder,
        ports.watcher,
        devices=len(rendered),
        redact=ports.redact,
        carried=[r for r in newest if r.device_id in done],
    )
    before = {
        device_id: Earlier.of([r for r in newest if r.device_id == device_id])
        for device_id in wanted - done
    }
    deployment = _Deployment(rollout, ports, attempt, ledger, before)
    await deployment.refuse_unrendered([one for one in rendered if one.device.id not in done])
    for number, batch in enumerate(batches(rendered, rollout)):
        todo = [one for one in batch if one.device.id not in done and one.fault is None]
        limit = min(attempt.limits.sessions, attempt.limits.changes)
        await run_bounded(todo, deployment.device, limit=limit)
        if number == 0 and rollout.canaries:
            deployment.canaries_are_over()
    await ledger.settle(attempt.settle_by)
    return Deployed(results=ledger.results, diffs=deployment.diffs)


class _Deployment:
    def __init__(
        self,
        rollout: Rollout,
        ports: DeploymentPorts,
        attempt: Attempt,
        ledger: Ledger,
        earlier: Mapping[DeviceId, Earlier],
    ) -> None:
        self._rollout = rollout
        self._ports = ports
        self._attempt = attempt
        self._ledger = ledger
        self._earlier = earlier
        self._failed = 0
        self._stopped = ""
        """Why no further device is begun."""
        self.diffs: dict[str, str] = {}

    async def refuse_unrendered(self, rendered: Sequence[Rendered]) -> None:
        """Record the devices that have no configuration."""
        for one in rendered:
            if one.fault is not None:
                await self._fail(one, one.fault)

    def canaries_are_over(self) -> None:
        """One failed canary stands for all that would follow it."""
        if self._failed and not self._rollout.dry_run and not self._stopped:
            self._stopped = "a canary failed"

    async def device(self, rendered: Rendered) -> None:
        """Change one device; every failure becomes a result."""
        device = rendered.device
        if self._stopped:
            failure = DeviceError(
                device.name, "start", "not_begun", f"not begun and not touched: {self._stopped}"
            )
            await self._fail(rendered, failure)
            return
        change = DeviceChange(
            rendered,
            self._rollout,
            self._ports,
            self._attempt,
            self._ledger,
            self._earlier[device.id],
        )
        try:
            result = await change.made()
        except Exception as error:
            await self._fail(rendered, as_device_error(error, device.name, "apply"))
        else:
            # The device is changed, and whoever ends the run must not keep that from the history.
            await to_its_end(self._ledger.add([result]))
            await self._ledger.finished(device.id, device.name)
        if change.diff:
            self.diffs[device.name] = change.diff

    async def _fail(self, rendered: Rendered, failure: DeviceError) -> None:
        device = rendered.device
        result = DeviceResult.failure(device.id, CONFIG, failure, attempt=self._attempt.number)
        await self._ledger.add([result])
        await self._ledger.finished(device.id, device.name)
        if failure.cause == "not_begun":
            return
        self._failed += 1
        most = self._rollout.max_failures
        if self._failed >= most and not self._rollout.dry_run and not self._stopped:
            self._stopped = f"{self._failed} failed, and {most} is the limit of the stack instance"
