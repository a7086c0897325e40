"""Our health check of the targets, as its flow does it, without Prefect: a program of its own.

It prints its cost from after its imports to the last result.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from benchmarks.health_world import LOGIN
from benchmarks.own_cost import own_cost, profiled
from benchmarks.targets.job import HealthJob, require
from flows._history import BlockCredentials, RunRecorder, StoredCheckStates
from flows._settings import SETTINGS
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.parameters import HealthCheckParameters
from netstacks_tasks.models.task import Task
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.health_check import HealthCheckPorts, check_health
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store import inventory, runs, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.host_keys import StoredHostKeys
from netstacks_tasks.testing import MemoryCheckStates, MemoryRecorder, MemoryWatcher

_TIMEOUT = 600


@asynccontextmanager
async def _ports(
    db: Database, access: DeviceAccess, task: Task, devices: Sequence[Device], *, recorded: bool
) -> AsyncIterator[HealthCheckPorts]:
    redactor = Redactor()
    redactor.learn(LOGIN)
    # As after `preload`, which asks Prefect for a block per credential.
    found = {one.credential_id: LOGIN for one in devices if one.credential_id is not None}
    run_id = RunId(uuid4())
    await runs.upsert_run(db, run_id, task.id, trigger="manual", scheduled_for=datetime.now(UTC))
    await runs.begin_attempt(db, run_id, 1)
    yield HealthCheckPorts(
        probes=access,
        credentials=BlockCredentials(db, redactor, None, {**found}),
        states=StoredCheckStates(db) if recorded else MemoryCheckStates(),
        recorder=RunRecorder(db, run_id) if recorded else MemoryRecorder(),
        watcher=MemoryWatcher(),
        redact=redactor,
    )
    await runs.end_attempt(db, run_id, 1, outcome="completed", error="")


async def _check(url: str, task_id: TaskId, job: HealthJob, *, recorded: bool) -> None:
    async with Database.open(url, migrate=False) as db:
        task = await tasks.get(db, task_id)
        parameters = task.spec.parameters
        assert isinstance(parameters, HealthCheckParameters)
        wanted = {one.name for one in job.targets}
        devices = [one for one in await inventory.targets_of(db, task) if one.name in wanted]
        checks = tuple(name for name in parameters.checks if name in job.checks)
        host_keys = StoredHostKeys(db)
        if "ssh" in checks:
            await host_keys.read_ahead(one.id for one in devices)
        deadline = Deadline.after(_TIMEOUT)
        attempt = Attempt(
            number=1,
            deadline=deadline,
            settle_by=deadline,
            device_timeout=job.timeout,
            limits=SETTINGS.limits,
        )
        async with (
            DeviceAccess(host_keys) as access,
            _ports(db, access, task, devices, recorded=recorded) as ports,
        ):
            results = await check_health(devices, checks, (), ports, attempt)
    require({(one.device_name, one.item): one.ok for one in results}, job)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", type=Path)
    parser.add_argument("task", type=UUID)
    parser.add_argument("--unrecorded", action="store_true", help="keep the results in memory")
    parser.add_argument("--profile", type=Path, help="a file for the profile of the run")
    arguments = parser.parse_args()
    url = input()  # It holds a password.
    job = HealthJob.read(arguments.job)
    with own_cost(), profiled(arguments.profile):
        asyncio.run(_check(url, TaskId(arguments.task), job, recorded=not arguments.unrecorded))


if __name__ == "__main__":
    main()
