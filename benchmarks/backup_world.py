"""The database that our backup works on: the fleet as its inventory, and a task."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_DNS, UUID, uuid4, uuid5

import psycopg

from benchmarks.fleet.algorithms import Age
from benchmarks.fleet.control import Host, cpu_of_family
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.models.ids import CredentialId, DeviceId, GroupId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.operations.parallel import Limits
from netstacks_tasks.store import inventory_changes, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import Credential, DeviceGroup, Item

_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class World:
    """A running PostgreSQL with the fleet in it."""

    postgres: EmbeddedPostgres
    url: str

    async def task(self, group: GroupId) -> tuple[UUID, str]:
        """A backup of a group, and its own destination: every configuration is a new version."""
        destination = f"configs/{uuid4().hex}"
        document = {
            "name": f"Backup {uuid4().hex[:8]}",
            "task_type": "backup",
            "cron_expression": "0 2 * * *",
            "parameters": {
                "type": "backup",
                "target_type": "device_group",
                "target_id": str(group),
                "destination": destination,
            },
        }
        async with Database.open(self.url, migrate=False) as db:
            return (await tasks.create(db, parse_task(document))).id, destination

    async def fill(self, label: str, hosts: Sequence[Host], age: Age) -> GroupId:
        """Make a group of the hosts, whose limits let as many sessions be as there may be."""
        logins = [
            Credential(id=CredentialId(uuid4()), name=name, block_name=name)
            for name in self.logins(label)
        ]
        group = DeviceGroup(id=GroupId(uuid4()), name=label)
        options: dict[str, str | int | bool] = (
            {} if age == "modern" else {"legacy_algorithms": True}
        )
        devices = [
            Device(
                id=DeviceId(uuid5(NAMESPACE_DNS, f"{label}/{host.name}")),
                name=f"{label}-{host.name}",
                host=host.address,
                port=host.port,
                platform="ios",
                site=f"{label}-{number // _LIMITS.per_site}",
                groups=(label,),
                credential_id=logins[number % len(logins)].id,
                options=options,
            )
            for number, host in enumerate(hosts)
        ]
        async with Database.open(self.url, migrate=False) as db:
            items: list[Item] = [*logins, group, *devices]
            await inventory_changes.save(db, items)
        return group.id

    def versions(self, destination: str) -> int:
        """How many versions of configurations are kept at a destination."""
        with psycopg.connect(self.url) as connection:
            statement = "SELECT count(*) FROM config_snapshots WHERE destination = %s"
            row = connection.execute(statement, [destination]).fetchone()
        assert row is not None
        return int(row[0])

    @staticmethod
    def logins(label: str) -> list[str]:
        """The names of the group's credentials, and of their blocks."""
        many = -(-_LIMITS.sessions // _LIMITS.per_credential)
        return [f"{label}-{number}" for number in range(many)]

    @property
    def cpu(self) -> float:
        """Seconds of CPU that the database server has used, its ended sessions included."""
        process = self.postgres.process
        assert process is not None
        assert process.pid is not None
        return cpu_of_family(process.pid)


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """Start PostgreSQL, which writes to its disk as a real one does, and make the schema."""
    async with EmbeddedPostgres(folder / "postgres") as postgres:
        async with Database.open(postgres.url(), migrate=True):
            pass
        yield World(postgres, postgres.url())
