"""A small inventory and tasks that work on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid5

from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.models.ids import (
    CredentialId,
    DeviceId,
    GroupId,
    RunId,
    ScriptId,
    StackId,
    StackInstanceId,
    TaskId,
)
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.task_spec import TaskSpec, parse_task
from netstacks_tasks.store import inventory_changes
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


def uid(name: str) -> UUID:
    """An id that follows from a name."""
    return uuid5(UUID(int=7), name)


def device(name: str, *, group: str | None = "core", credential: bool = True) -> Device:
    return Device(
        id=DeviceId(uid(name)),
        name=name,
        host="127.0.0.1",
        platform="linux",
        groups=(group,) if group else (),
        credential_id=CredentialId(uid("login")) if credential else None,
    )


LOGIN = Credential(id=CredentialId(uid("login")), name="login", block_name="login-block")
CORE = DeviceGroup(id=GroupId(uid("core")), name="core")
EMPTY = DeviceGroup(id=GroupId(uid("empty")), name="empty")
R1, R2 = device("r1"), device("r2")
SCRIPT = Script(id=ScriptId(uid("script")), name="script", body="print(1)")
STACK = Stack(id=StackId(uid("stack")), name="stack", templates={"a": "vlan {{ id }}"})
INSTANCE = StackInstance(
    id=StackInstanceId(uid("instance")),
    name="instance",
    stack_id=STACK.id,
    version=1,
    devices=(StackMember(device_id=R2.id), StackMember(device_id=R1.id, variables={"id": 7})),
)
EVERYTHING: tuple[Item, ...] = (LOGIN, CORE, EMPTY, R1, R2, SCRIPT, STACK, INSTANCE)


async def fill(db: Database, *items: Item) -> None:
    """Put items into the inventory: all of them unless told."""
    await inventory_changes.save(db, items or EVERYTHING)


def task(
    name: str = "Backup", parameters: dict[str, object] | None = None, **more: object
) -> TaskSpec:
    """A task; a backup of the group unless told."""
    chosen = parameters or backup_of(CORE.id)
    return parse_task(
        {
            "name": name,
            "task_type": chosen["type"],
            "cron_expression": "0 2 * * *",
            "parameters": chosen,
            **more,
        }
    )


def backup_of(target: UUID, kind: str = "device_group", **more: object) -> dict[str, object]:
    return {
        "type": "backup",
        "target_type": kind,
        "target_id": str(target),
        "destination": "configs/core",
        **more,
    }


HEALTH: dict[str, object] = {
    "type": "health_check",
    "credential_id": str(LOGIN.id),
    "checks": ["ping", "ssh"],
}


def run_id(name: str) -> RunId:
    return RunId(uid(f"run {name}"))


def task_id(name: str) -> TaskId:
    return TaskId(uid(f"task {name}"))


async def eventually(condition: Callable[[], Awaitable[object]], seconds: float = 30) -> None:
    """Wait until a condition holds; fails when it never does."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - the database does not call back
            await asyncio.sleep(0.02)


class Cluster:
    """A PostgreSQL of the test's own, which may go away and come back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._postgres = EmbeddedPostgres(folder, durable=False)

    @property
    def url(self) -> str:
        return self._postgres.url()

    async def start(self) -> None:
        await self._postgres.start()
        # From here on the same port again.
        self._postgres.port = type(self._postgres.port)(
            self._postgres.port.number, self._postgres.port.number
        )

    async def stop(self) -> None:
        await self._postgres.stop()

    async def restart(self) -> None:
        await self.stop()
        await self.start()


@asynccontextmanager
async def cluster(folder: Path) -> AsyncIterator[Cluster]:
    made = Cluster(folder)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def wait_for_locks(db: Database, many: int) -> bool:
    """Whether so many sessions wait for a lock."""
    async with db.connection() as connection:
        cursor = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )
        return await cursor.fetchone() == (many,)
