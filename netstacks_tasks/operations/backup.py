"""Takes the configuration of every device and keeps what changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from netstacks_tasks.devices.platforms import read_in_thread
from netstacks_tasks.devices.ports import CapturedConfig
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations import carried
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.entrance import Entrance
from netstacks_tasks.operations.failure import as_device_error, require_time, within
from netstacks_tasks.operations.keeping import Keeping, KeepingPorts
from netstacks_tasks.operations.ledger import Ledger
from netstacks_tasks.operations.parallel import Crew, credential_slot, line_up
from netstacks_tasks.operations.ports import (
    Credentials,
    Readers,
    Recorder,
    Watcher,
)
from netstacks_tasks.operations.refused_logins import (
    MOST_REFUSED,
    PATIENCE_SECONDS,
    RefusedLogins,
)

_LEAST_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPorts:
    """Everything a backup reads from and writes to."""

    readers: Readers
    credentials: Credentials
    keeping: KeepingPorts
    recorder: Recorder
    watcher: Watcher
    redact: Callable[[str], str]
    """Takes secrets out of a text."""


async def back_up(
    devices: Sequence[Device],
    earlier: Sequence[DeviceResult],
    ports: BackupPorts,
    attempt: Attempt,
) -> tuple[DeviceResult, ...]:
    """Back up every device that `earlier` does not hold as done.

    Args:
        devices: the target, resolved.
        earlier: the results of this run's earlier attempts.
        ports: what to read from and write to.
        attempt: its number and its time.

    Returns:
        One result per device and source, what was carried over included. A
        device's failure, foreseen or not, is a result.

    Raises:
        NetstacksError: the results could not be recorded.
    """
    account = ports.credentials.account
    wanted = {device.id for device in devices}
    done = [result for result in carried.done_backups(earlier) if result.device_id in wanted]
    over = {result.device_id for result in done}
    ledger = Ledger(
        ports.recorder, ports.watcher, devices=len(devices), redact=ports.redact, carried=done
    )
    todo = [device for device in devices if device.id not in over]
    limits = attempt.limits

    def accepted(name: str) -> None:
        crew.widen(credential_slot(name), max(0, limits.per_credential - probes[name]))

    logins = RefusedLogins(accepted)
    probes = logins.begin(devices, account, earlier)
    job = _Backup(ports, attempt, ledger, logins)
    queue = line_up(
        todo,
        limits,
        account=account,
        threaded=lambda device: read_in_thread(device.platform),
        probes=probes,
    )
    crew = Crew(queue, job.device)
    patience = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, logins.waited)
    try:
        await crew.run()
    finally:
        patience.cancel()
    await ledger.settle(attempt.settle_by)
    return ledger.results


class _Backup:
    def __init__(
        self, ports: BackupPorts, attempt: Attempt, ledger: Ledger, logins: RefusedLogins
    ) -> None:
        self._ports = ports
        self._attempt = attempt
        self._ledger = ledger
        self._logins = logins
        self._entrance = Entrance(attempt.limits.sessions)

    async def device(self, device: Device) -> Callable[[], Awaitable[None]] | None:
        """Read one device; every failure becomes a result, and the rest is to keep it."""
        account = self._ports.credentials.account(device)
        try:
            if self._logins.given_up(account):
                raise _not_begun(device)
            captured, latency = await self._read(device, account)
        except Exception as error:
            failure = as_device_error(error, device.name, "command")
            self._logins.heard(account, failure)
            await self._ledger.add(
                [
                    DeviceResult.failure(
                        device.id, carried.LAST_ITEM, failure, attempt=self._attempt.number
                    )
                ]
            )
        else:
            self._logins.heard(account, None)
            return partial(self._keep, device, captured, latency)
        await self._ledger.finished(device.id, device.name)
        return None

    async def _keep(self, device: Device, captured: CapturedConfig, latency: float) -> None:
        ports, number = self._ports.keeping, self._attempt.number
        keeping = Keeping(ports, device, attempt=number, latency=latency)
        await self._ledger.add(await keeping.keep(captured.by_source))
        await self._ledger.finished(device.id, device.name)

    async def _read(self, device: Device, account: str) -> tuple[CapturedConfig, float]:
        credential = await self._ports.credentials.of(device)
        leave = await self._entrance.enter()
        try:
            return await self._read_now(device, account, credential, leave)
        finally:
            leave()

    async def _read_now(
        self,
        device: Device,
        account: str,
        credential: DeviceCredential,
        leave: Callable[[], None],
    ) -> tuple[CapturedConfig, float]:
        deadline = self._attempt.deadline
        require_time(deadline, device.name, "connect", _LEAST_SECONDS)
        seconds = deadline.at_most(self._attempt.device_timeout)
        reader = self._ports.readers.reader_for(device.platform)
        began = time.monotonic()

        def accepted() -> None:
            leave()
            self._logins.heard(account, None)

        captured = await within(
            reader.read_config(
                DeviceTarget(device=device, credential=credential),
                timeout=seconds,
                accepted=accepted,
            ),
            device=device.name,
            stage="command",
            seconds=seconds,
        )
        return captured, (time.monotonic() - began) * 1000


def _not_begun(device: Device) -> DeviceError:
    return DeviceError(
        device.name,
        "start",
        "not_begun",
        f"not tried: {MOST_REFUSED} devices refused its credential and none accepted it; correct "
        "the credential before more refusals lock the account",
    )
