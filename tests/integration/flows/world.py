"""A fleet, its inventory in a database, and tasks to run against them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from prefect import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, LogFilter
from prefect.client.schemas.filters import LogFilterFlowRunId as OfRun
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from pydantic import SecretStr

from netstacks_tasks.demo.fleet import Fleet
from netstacks_tasks.demo.simulated.catalogue import CREDENTIALS, GROUPS
from netstacks_tasks.demo.simulated.device import Counts
from netstacks_tasks.demo.simulated.faults import FaultKind
from netstacks_tasks.store.database import Database


@dataclass(frozen=True, slots=True)
class Shown:
    """What Prefect holds of a run, as text."""

    logs: str
    artifacts: dict[str, str]
    """By type."""
    run: str

    def __str__(self) -> str:
        return "\n".join((self.logs, *self.artifacts.values(), self.run))


@dataclass(frozen=True, slots=True)
class World:
    """What a test of the flows works with."""

    fleet: Fleet
    db: Database
    configs: Path

    async def fill(self) -> None:
        """Put the fleet into the inventory."""
        async with self.db.transaction() as connection:
            for credential in CREDENTIALS:
                await connection.execute(
                    "INSERT INTO credentials (id, name, block_name) VALUES (%s, %s, %s)",
                    (credential.id, credential.name, credential.block_name),
                )
            for group in GROUPS:
                await connection.execute(
                    "INSERT INTO device_groups (id, name) VALUES (%s, %s)", (group.id, group.name)
                )
            groups = {group.name: group.id for group in GROUPS}
            for node in self.fleet.nodes.values():
                spec, kind = node.device.spec, node.device.spec.kind
                snmp = {
                    "version": kind.credential.snmp_version,
                    "port": node.endpoint.snmp_port,
                }
                await connection.execute(
                    "INSERT INTO devices (id, name, host, port, platform, credential_id, snmp)"
                    " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                    (
                        spec.id,
                        spec.name,
                        node.endpoint.host,
                        node.endpoint.ssh_port,
                        kind.family,
                        kind.credential.id,
                        Jsonb(snmp),
                    ),
                )
                for name in kind.groups:
                    await connection.execute(
                        "INSERT INTO device_group_members VALUES (%s, %s)", (groups[name], spec.id)
                    )

    async def task(
        self, parameters: Mapping[str, Any], *, enabled: bool = True, name: str = "A task"
    ) -> str:
        """Save a task; returns its id."""
        task_id = uuid4()
        async with self.db.transaction() as connection:
            await connection.execute(
                "INSERT INTO tasks (id, name, task_type, cron_expression, timezone, enabled,"
                " max_retries, retry_delay_seconds, timeout_seconds, missed_runs, parameters)"
                " VALUES (%s, %s, %s, '0 2 * * *', 'UTC', %s, 0, 0, 120, 'skip', %s)",
                (task_id, name, parameters["type"], enabled, Jsonb(dict(parameters))),
            )
        return str(task_id)

    async def backup_task(self, group: str = "core-routers", **more: Any) -> str:  # noqa: ANN401
        target = next(str(found.id) for found in GROUPS if found.name == group)
        return await self.task(
            {
                "type": "backup",
                "target_type": "device_group",
                "target_id": target,
                "destination": "configs/here",
            },
            **more,
        )

    async def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """The rows of a query."""
        async with (
            self.db.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(statement.encode(), values)
            return await cursor.fetchall()

    async def results(self, run_id: UUID) -> list[dict[str, Any]]:
        return await self.rows(
            "SELECT * FROM device_results WHERE run_id = %s ORDER BY device_name, item, attempt",
            run_id,
        )

    def counts(self, name: str) -> Counts:
        return self.fleet.nodes[name].device.counts

    async def break_device(self, name: str, fault: FaultKind, **more: Any) -> None:  # noqa: ANN401
        request = {"name": name, "fault": fault, **more}
        await self.fleet.operations.break_device(request)

    def secrets(self) -> set[str]:
        """Every secret a device of the fleet takes."""
        found: set[str] = set()
        for node in self.fleet.nodes.values():
            for value in dict(node.device.credential).values():
                if isinstance(value, SecretStr):
                    text = value.get_secret_value()
                    lines = text.splitlines()
                    found |= {text, json.dumps(text)[1:-1], lines[len(lines) // 2]}
        return found


async def shown(run_id: UUID) -> Shown:
    """Everything that Prefect would show of a run."""
    async with get_client() as client:
        logs = await client.read_logs(LogFilter(flow_run_id=OfRun(any_=[run_id])), limit=200)
        artifacts = await client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
        )
        run = await client.read_flow_run(run_id)
    return Shown(
        logs="\n".join(entry.message for entry in logs),
        artifacts={str(a.type): f"{a.key}\n{a.description}\n{a.data}" for a in artifacts},
        run=run.model_dump_json(),
    )
