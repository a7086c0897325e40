"""What `netstacks doctor` looks at."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from netstacks_tasks.devices.icmp import ping_permitted
from netstacks_tasks.embedded.prefect_context import pointed_at
from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.models.schedule import timezones
from netstacks_tasks.settings import Settings
from netstacks_tasks.store import inventory, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import Credential
from netstacks_tasks.wiring import NO_PREFECT, Endpoints, endpoints

_LEAST_FREE_BYTES = 1024**3
_MOST_SKEW_SECONDS = 5.0
_BLOCKS = (
    ("sqlalchemy-connector", "netstacks-database"),
    ("netstacks-config-store", "netstacks-config-store"),
)
_CREDENTIALS = "netstacks-device-credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    status: Literal["ok", "warn", "fail"]
    subject: str
    found: str
    mend: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything, in the order in which things depend on each other."""
    findings = [_python(), _zones(), _disk(settings.state_dir), _ping()]
    try:
        reach = endpoints(settings)
    except NetstacksError as error:
        return [*findings, _fail("set-up", error, "run `netstacks up`")]
    findings += [finding async for finding in _database(reach)]
    if reach.prefect_api_url is None:
        missing = Finding(status="fail", subject="Prefect", found=NO_PREFECT, mend="see there")
        return [*findings, missing]
    with pointed_at(reach.prefect_api_url, home=reach.prefect_home):
        findings += [finding async for finding in _prefect(reach, reach.prefect_api_url)]
    return findings


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(status="ok", subject="Python", found=version)


def _zones() -> Finding:
    count = len(timezones())
    if count:
        return Finding(status="ok", subject="timezones", found=f"{count} known")
    return Finding(
        status="fail", subject="timezones", found="none known", mend="install the package tzdata"
    )


def _disk(folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 1024**3:.1f} GiB free at {there}"
    if free < _LEAST_FREE_BYTES:
        return Finding(status="warn", subject="disk", found=found, mend="make room")
    return Finding(status="ok", subject="disk", found=found)


def _ping() -> Finding:
    if ping_permitted():
        return Finding(status="ok", subject="ping", found="this account may send ICMP echoes")
    return Finding(
        status="warn",
        subject="ping",
        found="this account may not send ICMP echoes: ping checks will fail",
        mend="sysctl -w net.ipv4.ping_group_range='0 2147483647', or give the worker CAP_NET_RAW",
    )


async def _database(reach: Endpoints) -> AsyncIterator[Finding]:
    try:
        async with Database.open(reach.database_url, migrate=False) as db:
            yield Finding(status="ok", subject="database", found="reachable, schema up to date")
            yield await _clock(db)
            yield await _synced(db)
    except NetstacksError as error:
        mend = "is PostgreSQL running, and NETSTACKS_DATABASE_URL right?"
        yield _fail("database", error, mend)


async def _clock(db: Database) -> Finding:
    async with db.connection() as connection:
        cursor = await connection.execute("SELECT clock_timestamp()")
        row = await cursor.fetchone()
    there = row[0] if row else datetime.now(UTC)
    skew = abs((datetime.now(UTC) - there).total_seconds())
    found = f"{skew:.1f} s between this machine and the database"
    if skew > _MOST_SKEW_SECONDS:
        return Finding(status="warn", subject="clock", found=found, mend="run an NTP client")
    return Finding(status="ok", subject="clock", found=found)


async def _synced(db: Database) -> Finding:
    known = await tasks.find(db)
    wrong = [f"{task.name}: {task.sync_error}" for task in known if task.sync_error]
    waiting = [task.name for task in known if task.synced_hash is None and not task.sync_error]
    if wrong:
        return Finding(
            status="fail", subject="sync", found="; ".join(wrong), mend="mend it and sync again"
        )
    if waiting:
        return Finding(
            status="warn",
            subject="sync",
            found=f"{len(waiting)} tasks are not in Prefect yet",
            mend="run `netstacks sync`, or keep `netstacks sync --watch` running",
        )
    return Finding(status="ok", subject="sync", found=f"{len(known)} tasks, all in Prefect")


async def _prefect(reach: Endpoints, api_url: str) -> AsyncIterator[Finding]:
    # Prefect reads its environment when it is imported.
    from netstacks_tasks.sync.prefect_errors import open_client, translated

    try:
        async with open_client(api_url) as client:
            async with translated("ask for its version"):
                version = await client.api_version()
            yield Finding(status="ok", subject="Prefect", found=f"{version} at {api_url}")
            async with translated("read the workers"):
                workers = await client.read_workers_for_work_pool(reach.work_pool)
            online = [one.name for one in workers if one.status == "ONLINE"]
            yield _workers(reach.work_pool, online)
            wanted = [*_BLOCKS, *[(_CREDENTIALS, name) for name in await _block_names(reach)]]
            async with translated("read the blocks"):
                found = {
                    (one.block_type.slug if one.block_type else "", one.name)
                    for one in await client.read_block_documents(limit=None)
                }
            yield _blocks([pair for pair in wanted if pair not in found], len(wanted))
    except NetstacksError as error:
        yield _fail("Prefect", error, "is its server running, and PREFECT_API_URL right?")


async def _block_names(reach: Endpoints) -> list[str]:
    async with Database.open(reach.database_url, migrate=False) as db:
        return [one.block_name for one in await inventory.find(db, Credential)]


def _workers(pool: str, online: list[str]) -> Finding:
    if online:
        return Finding(status="ok", subject="worker", found=f"online: {', '.join(online)}")
    return Finding(
        status="fail",
        subject="worker",
        found=f"no worker is online in the work pool {pool!r}: nothing will run",
        mend="run `netstacks worker`",
    )


def _blocks(missing: list[tuple[str, str]], wanted: int) -> Finding:
    if not missing:
        return Finding(status="ok", subject="blocks", found=f"{wanted} present")
    names = ", ".join(f"{slug}/{name}" for slug, name in missing)
    return Finding(
        status="fail",
        subject="blocks",
        found=f"missing: {names}",
        mend="run `netstacks up`, or save them: `netstacks credential add NAME`",
    )


def _fail(subject: str, error: NetstacksError, mend: str) -> Finding:
    return Finding(status="fail", subject=subject, found=str(error), mend=mend)
