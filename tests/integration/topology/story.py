"""What happens to the tasks of two sites while a server and a worker die."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.states import Scheduled
from rich.console import Console
from rich.table import Table

from netstacks_tasks.demo.fleet import Fleet
from netstacks_tasks.demo.simulated.faults import Fault
from netstacks_tasks.embedded.block_documents import save_block_documents
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.runs import RunAttempt, TaskRun
from netstacks_tasks.store import inventory, lock_session, runs, site_pools, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync.prefect_errors import open_client
from tests.integration.topology.parts import Parts

DEFAULT_POOL = "netstacks"


@dataclass(frozen=True)
class Plot:
    """Sites with their pools, and what is backed up by a task each."""

    pools: Mapping[str, str]
    """By site."""
    places: Mapping[str, str]
    """Devices, and groups of devices at several sites -> the pool where their task must run."""


@dataclass
class Story:
    """An inventory, its tasks, and the runs that were asked for."""

    parts: Parts
    db: Database
    fleet: Fleet
    plot: Plot
    scheduled: bool = False
    """Tasks are on, and due every minute."""
    asked: dict[RunId, str] = field(default_factory=dict)
    """Run -> what its task backs up."""

    async def fill(self) -> None:
        """Devices, their secrets, their sites' pools, and a task for each of the places."""
        folder = self.fleet.directory
        await save_block_documents(
            api_url=self.parts.api_url,
            home=self.parts.home,
            database_url=self.parts.database_url,
            config_store_root=self.parts.folder / "configs",
            device_credentials=json.loads((folder / "secrets.json").read_text()),
        )
        file = folder / "tasks.json"
        file.write_text(json.dumps({"tasks": [self._task(name) for name in self.plot.places]}))
        await import_documents(self.db, [folder / "inventory.yaml", file])
        for site, pool in self.plot.pools.items():
            await site_pools.assign(self.db, site, pool)

    def _task(self, name: str) -> dict[str, Any]:
        found = self.fleet.nodes.get(name)
        target: dict[str, Any] = (
            {"target_type": "device", "target_id": str(found.device.spec.id)}
            if found is not None
            else {"target_type": "device_group", "target_id": str(_group(name))}
        )
        return {
            "name": name,
            "task_type": "backup",
            "cron_expression": "* * * * *",
            "enabled": self.scheduled,
            "max_retries": 2,
            "retry_delay_seconds": 1,
            "parameters": {"type": "backup", "destination": "configs", **target},
        }

    async def when_deployed(self) -> dict[str, UUID]:
        """Deployments by task, once the sync has made them all."""
        while True:
            found = {one.name: one.deployment_id for one in await tasks.find(self.db)}
            known = {name: one for name, one in found.items() if one is not None}
            if known.keys() == self.plot.places.keys():
                return known
            await asyncio.sleep(0.1)

    async def ask(
        self, client: PrefectClient, deployments: Mapping[str, UUID], names: Iterable[str]
    ) -> None:
        """A run of each of these tasks, now."""
        due = datetime.now(UTC)
        for name in names:
            run = await client.create_flow_run_from_deployment(
                deployments[name],
                state=Scheduled(scheduled_time=due),
                idempotency_key=f"{name}-{due.isoformat()}",
            )
            self.asked[RunId(run.id)] = name

    async def until(self, enough: Callable[[Sequence[TaskRun]], bool]) -> list[TaskRun]:
        """The history, once it says so."""
        while True:
            found = await runs.history(self.db, limit=200)
            if enough(found):
                return found
            await asyncio.sleep(0.1)

    async def working(self, pool: str) -> set[RunId]:
        """Runs in a pool, once one of each of its tasks holds its lock and has begun an attempt."""
        names = {name for name, one in self.plot.places.items() if one == pool}
        while True:
            held = await lock_session.holders(self.db)
            found = [one for one in await runs.history(self.db, limit=200) if one.id in held]
            of_pool = {one.task_name: one.id for one in found if one.task_name in names}
            begun = [await runs.attempts(self.db, one) for one in of_pool.values()]
            if of_pool.keys() == names and all(begun):
                return set(of_pool.values())
            await asyncio.sleep(0.1)

    def slow_down(self, seconds: float) -> None:
        """Every command of every device takes so much longer."""
        for node in self.fleet.nodes.values():
            node.device.break_with(Fault(kind="slow", seconds=seconds))

    async def tries(self, attempts: Mapping[RunId, Sequence[RunAttempt]]) -> Counter[str]:
        """How often each device was to be logged in to."""
        counted: Counter[str] = Counter()
        for task in await tasks.find(self.db):
            made = [len(attempts[one]) for one, name in self.asked.items() if name == task.name]
            for device in await inventory.targets_of(self.db, task):
                counted[device.name] += sum(made)
        return counted

    def sessions(self, name: str) -> int:
        """How often a device was logged in to."""
        return self.fleet.nodes[name].device.counts.logins


def _group(name: str) -> UUID:
    from netstacks_tasks.demo.simulated.catalogue import GROUPS

    return next(group.id for group in GROUPS if group.name == name)


@asynccontextmanager
async def story(
    parts: Parts, folder: Path, plot: Plot, *, scheduled: bool = False
) -> AsyncIterator[Story]:
    """Twelve devices and their tasks beside the parts."""
    number = os.getpid()
    async with (
        Database.open(parts.database_url, migrate=False) as db,
        Fleet.open(
            folder, count=12, base=f"127.{60 + number // 250 % 40}.{number % 250}.1"
        ) as fleet,
    ):
        told = Story(parts, db, fleet, plot, scheduled)
        await told.fill()
        yield told


async def pools_of(client: PrefectClient, ids: Collection[RunId]) -> dict[RunId, str | None]:
    """The work pool that each run went to."""
    return {one: (await client.read_flow_run(one)).work_pool_name for one in ids}


async def show(told: Story, found: Sequence[TaskRun], killed: set[RunId]) -> None:
    """A line for each run."""
    async with open_client(told.parts.api_url) as client:
        pools = await pools_of(client, [run.id for run in found])
    table = Table(
        "task", "pool", "waited s", "attempts", "took s", "state", "its worker was killed"
    )
    for run in sorted(found, key=lambda one: (one.task_name, one.scheduled_for)):
        began, ended = run.started_at or run.scheduled_for, run.ended_at or run.scheduled_for
        table.add_row(
            run.task_name,
            pools[run.id],
            f"{(began - run.scheduled_for).total_seconds():.1f}",
            str(run.attempts),
            f"{(ended - began).total_seconds():.1f}",
            run.state,
            "yes" if run.id in killed else "",
            run.message,
        )
    Console(width=200).print(table)
