"""Something to look at: a run that failed on a device, and two versions of a configuration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.store import inventory, runs, snapshots
from netstacks_tasks.store.database import Database

_BEFORE = "hostname core-rtr-01\ninterface Gi1\n ip address 10.0.0.1 255.255.255.0\n no shutdown\n"
_FILLING = "".join(f"vlan {number}\n" for number in range(2, 60))


async def failed_run(db: Database, task_id: TaskId) -> RunId:
    """A run of a task that ended an hour ago, and what it found."""
    run_id = RunId(uuid4())
    due = datetime.now(UTC) - timedelta(hours=1)
    await runs.upsert_run(db, run_id, task_id, trigger="schedule", scheduled_for=due)
    await runs.begin_attempt(db, run_id, 1)
    for name, ok in (("core-rtr-01", True), ("edge-sw-01", False)):
        found = await inventory.get(db, Device, name)
        result = DeviceResult(
            device_id=found.id,
            device_name=name,
            item="running",
            ok=ok,
            summary="185 lines" if ok else "the device refused the password",
            stage=None if ok else "authenticate",
            cause=None if ok else "auth",
        )
        await runs.record_result(db, run_id, result)
    await runs.end_attempt(db, run_id, 1, outcome="failed", error="1 of 2 devices failed")
    await runs.finish_run(db, run_id, "failed", "1 of 2 devices failed: edge-sw-01")
    return run_id


async def two_versions(db: Database, task_id: TaskId, run_id: RunId) -> tuple[UUID, UUID]:
    """Of one device, the older one first."""
    device = await inventory.get(db, Device, "core-rtr-01")
    kept = []
    for text in (_BEFORE + _FILLING, _BEFORE.replace("10.0.0.1", "10.0.0.9") + _FILLING + "end\n"):
        version, _ = await snapshots.keep(
            db,
            device=device,
            task_id=task_id,
            run_id=run_id,
            destination="configs/core",
            source="running",
            content=text,
            normalised=normalise(device.platform, text),
        )
        kept.append(version)
    return kept[0], kept[1]
