"""Pings devices, logs in to them and reads their names, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from netstacks_tasks.devices.ports import Measured
from netstacks_tasks.devices.tcp import allowed_connections
from netstacks_tasks.errors import DeviceError, NetstacksError
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations import carried
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.failure import NotStarted, as_device_error, require_time
from netstacks_tasks.operations.ledger import Ledger
from netstacks_tasks.operations.parallel import run_bounded
from netstacks_tasks.operations.places import Places
from netstacks_tasks.operations.ports import (
    CheckStates,
    Credentials,
    Probes,
    Recorder,
    Watcher,
)
from netstacks_tasks.operations.probing import LONGEST, STAGES, CheckName, probe
from netstacks_tasks.operations.turns import Turns

_LEAST_SECONDS = 0.2
_AT_ONCE: Final = 4096
"""Checks of a kind; each costs some kilobytes while it waits."""
_SAYS_NOTHING: Final = frozenset({"not_permitted", "internal", "unsupported", "storage"})
"""Causes on our side: the device may well be up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheckPorts:
    """Everything a health check reads from and writes to."""

    probes: Probes
    credentials: Credentials
    states: CheckStates
    recorder: Recorder
    watcher: Watcher
    redact: Callable[[str], str]
    """Takes secrets out of a text."""


@dataclass(frozen=True, slots=True)
class _Check:
    device: Device
    name: CheckName


async def check_health(
    devices: Sequence[Device],
    checks: Sequence[CheckName],
    earlier: Sequence[DeviceResult],
    ports: HealthCheckPorts,
    attempt: Attempt,
) -> tuple[DeviceResult, ...]:
    """Do every check on every device, except those `earlier` holds as in order.

    Args:
        devices: the target, resolved.
        checks: which checks.
        earlier: the results of this run's earlier attempts.
        ports: what to read from and write to.
        attempt: its number and its time.

    Returns:
        One result per device and check; `changed` where it went up or down.

    Raises:
        NetstacksError: the results could not be recorded.
    """
    wanted = {(device.id, name) for device in devices for name in checks}
    done = [r for r in carried.done_checks(earlier) if (r.device_id, r.item) in wanted]
    over = {(result.device_id, result.item) for result in done}
    todo = [
        _Check(device, name)
        for device in devices
        for name in checks
        if (device.id, name) not in over
    ]
    left: dict[str, int] = {}
    for check in todo:
        left[check.device.name] = left.get(check.device.name, 0) + 1
    whole = [result for result in done if result.device_name not in left]
    partly = [result for result in done if result.device_name in left]
    ledger = Ledger(
        ports.recorder, ports.watcher, devices=len(devices), redact=ports.redact, carried=whole
    )

    turns = Turns(Places(attempt.limits, ports.credentials.account))

    async def work(check: _Check) -> None:
        await ledger.add([await _result(check, ports, attempt, turns)])
        left[check.device.name] -= 1
        if not left[check.device.name]:
            await ledger.finished(check.device.id, check.device.name)

    # For a silent device nothing waits but its own check: see `Turns`.
    async with asyncio.TaskGroup() as group:
        for name in checks:
            of_kind = [check for check in todo if check.name == name]
            limit = min(len(of_kind), _allowed(name))
            group.create_task(run_bounded(of_kind, work, limit=limit))
    await ledger.settle(attempt.settle_by)
    return (*ledger.results, *partly)


def _allowed(name: CheckName) -> int:
    return allowed_connections(_AT_ONCE) if name == "ssh" else _AT_ONCE


async def _result(
    check: _Check, ports: HealthCheckPorts, attempt: Attempt, turns: Turns
) -> DeviceResult:
    device = check.device
    try:
        measured = await _measure(check, ports, attempt, turns)
    except Exception as error:
        failure = as_device_error(error, device.name, STAGES[check.name])
        changed = False
        if _is_news(failure):
            changed = await _observe(check, ports.states, up=False)
        return DeviceResult(
            device_id=device.id,
            device_name=device.name,
            item=check.name,
            ok=False,
            summary=failure.detail,
            attempt=attempt.number,
            stage=failure.stage,
            cause=failure.cause,
            changed=changed,
        )
    return DeviceResult(
        device_id=device.id,
        device_name=device.name,
        item=check.name,
        ok=True,
        summary=_summary(check, measured),
        attempt=attempt.number,
        latency_ms=round(measured.latency_ms, 2),
        changed=await _observe(check, ports.states, up=True),
    )


def _is_news(failure: DeviceError) -> bool:
    """Whether a failure says that the device is down."""
    if failure.stage == "credential" or isinstance(failure, NotStarted):
        return False
    return failure.cause not in _SAYS_NOTHING


async def _measure(
    check: _Check, ports: HealthCheckPorts, attempt: Attempt, turns: Turns
) -> Measured:
    device = check.device
    target = DeviceTarget(device=device, credential=await ports.credentials.of(device))
    async with turns.turn(check.name, device) as answered:
        # Its time begins now: it has not waited for the others in its own.
        require_time(attempt.deadline, device.name, STAGES[check.name], _LEAST_SECONDS)
        seconds = attempt.deadline.at_most(min(LONGEST[check.name], attempt.device_timeout))
        return await probe(check.name, target, ports.probes, seconds=seconds, answered=answered)


async def _observe(check: _Check, states: CheckStates, *, up: bool) -> bool:
    """Whether the check went up or down; the database being away is no news of it."""
    try:
        return await states.observe(check.device.id, check.name, up=up)
    except NetstacksError:
        return False


def _summary(check: _Check, measured: Measured) -> str:
    if check.name != "snmp_sysname":
        return measured.value or "ok"
    if not measured.value.strip():
        return "sysName is empty"
    if _host_part(measured.value) == _host_part(check.device.name):
        return measured.value
    return f"{measured.value} (the inventory calls it {check.device.name})"


def _host_part(name: str) -> str:
    return name.strip().partition(".")[0].lower()
