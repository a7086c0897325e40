"""Whether devices answer now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.parameters import Check
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.agent.tool import Found, Tool
from netstacks_tasks.operations.agent.tools.selection import Inventory, Selection
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.health_check import HealthCheckPorts, check_health
from netstacks_tasks.operations.ledger import Ledger
from netstacks_tasks.operations.ports import Credentials, Probes, Progress


class HealthQuestion(Selection):
    """Which devices, and how."""

    checks: Annotated[tuple[Check, ...], Field(min_length=1, max_length=3)] = Field(
        default=("ping", "ssh", "snmp_sysname"),
        description="ping, ssh (a login) and snmp_sysname; all three unless given.",
    )


class _Nowhere:
    """What a health check task would note of the states of devices; the agent only looks."""

    async def observe(self, device_id: DeviceId, check: str, *, up: bool) -> bool:  # noqa: ARG002 - the port's
        return False

    async def record(self, results: Sequence[DeviceResult]) -> None:
        """One result per device is recorded instead, at the end."""

    async def advanced(self, progress: Progress) -> None:
        """The conversation is what is watched."""


def health_check(
    inventory: Inventory,
    probes: Probes,
    credentials: Credentials,
    attempt: Attempt,
    ledger: Ledger,
    redact: Callable[[str], str],
) -> Tool[HealthQuestion]:
    """Ping, SSH login and SNMP."""
    nowhere = _Nowhere()
    ports = HealthCheckPorts(
        probes=probes,
        credentials=credentials,
        states=nowhere,
        recorder=nowhere,
        watcher=nowhere,
        redact=redact,
    )

    async def call(wanted: HealthQuestion, until: Deadline) -> Found:
        devices = inventory.of(wanted)
        checks = tuple(dict.fromkeys(wanted.checks))
        within = replace(attempt, deadline=until, settle_by=until)
        results = await check_health(devices, checks, (), ports, within)
        rows = [_row(device, results) for device in devices]
        rows.sort(key=lambda row: row["ok"])
        await ledger.add([_summary(row, results, attempt.number) for row in rows])
        return {
            "devices_checked": len(rows),
            "devices_with_a_failed_check": len([row for row in rows if not row["ok"]]),
            "devices": rows,
        }

    return Tool(
        name="health_check",
        description="Check now whether devices answer ping, let us log in by SSH and tell their "
        "name by SNMP: one device, a group, or all. A check whose reason is not_permitted or "
        "credential says nothing about the device.",
        arguments=HealthQuestion,
        call=call,
        narrow="name one device or a group, or choose fewer checks",
    )


def _row(device: Device, results: Sequence[DeviceResult]) -> dict[str, Any]:
    own = sorted(
        (result for result in results if result.device_id == device.id), key=lambda one: one.item
    )
    checks = {
        result.item: f"ok, {result.latency_ms:.1f} ms"
        if result.ok and result.latency_ms is not None
        else f"failed: {result.stage}: {result.cause}: {result.summary[:200]}"
        for result in own
    }
    return {"device": device.name, "ok": all(result.ok for result in own), **checks}


def _summary(row: dict[str, Any], results: Sequence[DeviceResult], attempt: int) -> DeviceResult:
    """One result for the history; of several failures the first one tells stage and cause."""
    own = [result for result in results if result.device_name == row["device"]]
    failed = [result for result in own if not result.ok]
    told = ", ".join(f"{one.item} {'ok' if one.ok else one.summary}" for one in own)
    first = (failed or own)[0]
    return replace(
        first, item="health_check", summary=told, attempt=attempt, latency_ms=None, changed=False
    )
