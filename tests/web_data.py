"""A database as a network team's would look: tasks of every type, and what became of their runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg import sql

from netstacks_tasks.models.ids import (
    CredentialId,
    DeviceId,
    GroupId,
    ScriptId,
    StackId,
    StackInstanceId,
)
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.store import inventory_changes, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import (
    Credential,
    DeviceGroup,
    Item,
    Script,
    Stack,
    StackInstance,
    StackMember,
)
from tests.integration.store.samples import uid

SITES: Final = ("ams1", "fra2", "lon1", "nyc3")
DAY: Final = timedelta(days=1)
LOGIN: Final = CredentialId(uid("web login"))
CORE: Final = GroupId(uid("web core-routers"))
EDGE: Final = GroupId(uid("web edge-switches"))
SCRIPT: Final = ScriptId(uid("web script"))
STACK: Final = StackId(uid("web stack"))
INSTANCE: Final = StackInstanceId(uid("web instance"))

_HOSTILE: Final = "\x1b[31m%LINK-3\x1b[0m <script>alert('device')</script>"


def devices() -> list[Device]:
    """Twelve core routers and twelve edge switches."""
    return [
        Device(
            id=DeviceId(uid(f"web {kind}-{number}")),
            name=f"{kind}-{SITES[number % 4]}-{number:02}",
            host=f"192.0.2.{number + 1 + offset}",
            platform=platform,
            site=SITES[number % 4],
            groups=(group,),
            credential_id=LOGIN,
        )
        for kind, platform, group, offset in (
            ("core", "iosxr", "core-routers", 0),
            ("edge", "ios", "edge-switches", 100),
        )
        for number in range(12)
    ]


def inventory() -> list[Item]:
    """What the tasks work on."""
    fleet = devices()
    return [
        Credential(id=LOGIN, name="tacacs-netops", block_name="tacacs-netops"),
        DeviceGroup(id=CORE, name="core-routers"),
        DeviceGroup(id=EDGE, name="edge-switches"),
        *fleet,
        Script(id=SCRIPT, name="prune-old-images", body="import sys\nprint('<b>bold</b>')\n"),
        Stack(id=STACK, name="ntp-baseline", templates={"ntp.j2": "ntp server {{ ntp }}"}),
        StackInstance(
            id=INSTANCE,
            name="ntp-baseline-edge",
            stack_id=STACK,
            version=1,
            variables={"ntp": "192.0.2.250"},
            devices=tuple(StackMember(device_id=one.id) for one in fleet[12:]),
        ),
    ]


BACKUP: Final[Mapping[str, object]] = {
    "type": "backup",
    "target_type": "device_group",
    "target_id": str(CORE),
    "destination": "config-snapshots/core-routers",
}
HEALTH: Final[Mapping[str, object]] = {
    "type": "health_check",
    "credential_id": str(LOGIN),
    "checks": ["ping", "ssh", "snmp_sysname"],
    "target_type": "device_group",
    "target_id": str(EDGE),
}
DEPLOYMENT: Final[Mapping[str, object]] = {
    "type": "deployment",
    "stack_instance_id": str(INSTANCE),
}
STORED_SCRIPT: Final[Mapping[str, object]] = {
    "type": "custom_script",
    "script_id": str(SCRIPT),
    "arguments": ["--older-than", "90"],
}
INLINE_SCRIPT: Final[Mapping[str, object]] = {
    "type": "custom_script",
    "script": "import json\n\n# </pre><script>alert('script')</script>\nprint(json.dumps({}))\n",
    "credential_id": str(LOGIN),
}
AGENT: Final[Mapping[str, object]] = {
    "type": "agent_task",
    "prompt": "Summarize the current health of all BGP peers.\nName every peer that flapped.",
    "tools": ["list_devices", "bgp_neighbours"],
}

_NAMED: Final[Sequence[tuple[str, Mapping[str, object], str, str]]] = (
    ("Nightly Core Router Backup", BACKUP, "0 2 * * *", "America/New_York"),
    ("Edge Reachability", HEALTH, "*/15 * * * *", "UTC"),
    ("Weekly NTP Baseline", DEPLOYMENT, "0 0 * * 0", "Europe/Berlin"),
    ("Prune Old Images", STORED_SCRIPT, "30 3 * * 1-5", "UTC"),
    ("BGP Morning Report", AGENT, "0 7 * * 1-5", "Europe/London"),
    ("Count Interface Errors", INLINE_SCRIPT, "5 * * * *", "UTC"),
)


async def fill(db: Database, more: int = 34) -> dict[str, Task]:
    """Save the inventory, the six tasks named above and `more` others; by name."""
    await inventory_changes.save(db, inventory())
    made = [
        await tasks.create(db, parse_task(_document(name, parameters, cron, zone)))
        for name, parameters, cron, zone in (*_NAMED, *_others(more))
    ]
    return {task.name: task for task in made}


def _document(
    name: str, parameters: Mapping[str, object], cron: str, zone: str
) -> dict[str, object]:
    return {
        "name": name,
        "task_type": parameters["type"],
        "cron_expression": cron,
        "timezone": zone,
        "enabled": not name.endswith(" 07"),
        "parameters": parameters,
    }


def _others(count: int) -> Iterator[tuple[str, Mapping[str, object], str, str]]:
    kinds = (("Backup", BACKUP), ("Health", HEALTH), ("Script", STORED_SCRIPT))
    crons = ("0 2 * * *", "15 2 * * *", "*/5 * * * *", "0 */6 * * *", "0 4 1 * *")
    for number in range(count):
        kind, parameters = kinds[number % 3]
        name = f"{kind} {SITES[number % 4]} {number + 1:02}"
        yield name, parameters, crons[number % 5], "UTC"


async def add_runs(db: Database, task: Task, states: Sequence[str], every: timedelta) -> list[UUID]:
    """Give a task runs, the first of `states` being that of the newest; with their attempts."""
    now = datetime.now(UTC).replace(microsecond=0)
    rows = [
        _run(task, state, now - every * number - timedelta(minutes=3), number)
        for number, state in enumerate(states)
    ]
    await _insert(db, "task_runs", rows)
    await _insert(db, "run_attempts", [one for row in rows for one in _attempts(row)])
    newest = next((row for row in rows if row["started_at"] is not None), None)
    async with db.transaction() as connection:
        await connection.execute(
            "UPDATE tasks SET synced_hash = 'x', synced_at = now(), deployment_id = id "
            "WHERE id = %s",
            (task.id,),
        )
        if newest is not None:
            values = (newest["started_at"], newest["state"], task.id)
            await connection.execute(
                "UPDATE tasks SET last_run_at = %s, last_status = %s WHERE id = %s", values
            )
    return [row["id"] for row in rows]


def run_of(task: Task, number: int = 0) -> UUID:
    """The id of one of the runs that `add_runs` made; 0 is the newest."""
    return uid(f"run {task.id} {number}")


def _run(task: Task, state: str, at: datetime, number: int) -> dict[str, Any]:
    began = state not in {"missed", "pending", "scheduled"}
    ended = state not in {"running", "pending", "scheduled", "retrying"}
    messages = {
        "failed": "2 of 12 devices failed: core-ams1-04 running: connect/refused: port 22 refuses; "
        f"core-ams1-08 running: read/timed_out: {_HOSTILE}",
        "timed_out": "Flow run exceeded timeout of 600 second(s)",
        "missed": "nothing could run it then: the worker was down from 02:00 to 02:40",
        "crashed": "the worker that ran it died",
    }
    return {
        "id": run_of(task, number),
        "task_id": task.id,
        "task_name": task.name,
        "task_type": task.spec.task_type,
        "trigger": "manual" if number == 1 else "schedule",
        "state": "failed" if state == "timed_out" else state,
        "scheduled_for": at,
        "started_at": at + timedelta(seconds=2) if began else None,
        "ended_at": at + timedelta(seconds=40 + number) if ended else None,
        "attempts": (2 if state in {"failed", "timed_out"} else 1) if began else 0,
        "message": messages.get(state, ""),
        "timed_out": state == "timed_out",
    }


def _attempts(run: dict[str, Any]) -> Iterator[dict[str, Any]]:
    timed_out = run.pop("timed_out")
    outcome = "timed_out" if timed_out else run["state"]
    for number in range(1, run["attempts"] + 1):
        last = number == run["attempts"]
        ended = run["ended_at"] if last else run["started_at"] + timedelta(seconds=9)
        yield {
            "run_id": run["id"],
            "attempt": number,
            "started_at": run["started_at"] + timedelta(seconds=10 * (number - 1)),
            "ended_at": ended,
            "outcome": (outcome if last else "failed") if ended else None,
            "error": run["message"],
        }


async def add_results(db: Database, run: UUID, failed: Sequence[str] = ()) -> None:
    """What a backup run found on each core router; `failed` are names of devices."""
    await _insert(
        db,
        "device_results",
        [
            {
                "run_id": run,
                "attempt": 2 if bad else 1,
                "device_id": one.id,
                "device_name": one.name,
                "item": "running",
                "ok": not bad,
                "changed": not bad and number % 5 == 0,
                "summary": _HOSTILE if bad else "412 lines",
                "stage": "connect" if bad else None,
                "cause": "refused" if bad else None,
                "latency_ms": None if bad else 180.5 + number,
            }
            for number, one in enumerate(devices()[:12])
            for bad in [one.name in failed]
        ],
    )


async def _insert(db: Database, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    names = [name for name in rows[0] if name != "timed_out"]
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(map(sql.Placeholder, names)),
    )
    async with db.transaction() as connection, connection.cursor() as cursor:
        await cursor.executemany(statement, [_plain(row, names) for row in rows])


def _plain(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {n: json.dumps(row[n]) if isinstance(row[n], dict) else row[n] for n in names}


async def a_busy_week(db: Database) -> dict[str, Task]:
    """Forty tasks and a few hundred runs: some fail, one is missed, one is under way."""
    made = await fill(db)
    hour, day = timedelta(hours=1), DAY
    patterns: Mapping[str, tuple[list[str], timedelta]] = {
        "Nightly Core Router Backup": (["failed", "completed", "failed", *["completed"] * 27], day),
        "Edge Reachability": (["running", *["completed"] * 60], timedelta(minutes=15)),
        "Weekly NTP Baseline": (["missed", *["completed"] * 8], hour * 2),
        "Prune Old Images": (["timed_out", "completed", "cancelled"], day),
        "BGP Morning Report": (["completed", "crashed", *["completed"] * 5], hour * 6),
        "Count Interface Errors": (["completed"] * 40, hour),
    }
    for number, (name, task) in enumerate(made.items()):
        if number == len(made) - 1:
            break
        states, every = patterns.get(name, (["completed"] * 6, day))
        ids = await add_runs(db, task, states, every)
        if name == "Nightly Core Router Backup":
            await add_results(db, ids[0], ["core-ams1-04", "core-ams1-08"])
            await add_results(db, ids[1])
    return made
