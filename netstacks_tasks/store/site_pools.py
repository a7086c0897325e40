"""Work pools of sites: a task whose devices are all at one site runs there."""

from __future__ import annotations

import re
from typing import Final

from psycopg.rows import class_row

from netstacks_tasks.errors import InvalidInput, NotFound, Problem
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.queries import query

_POOL: Final = re.compile(r"[^/%&<>]+")
_RESERVED: Final = "prefect"
"""Pools whose names begin so are Prefect's own: it makes none for others."""


class Site(Value):
    """A site of devices."""

    name: str
    work_pool: str | None
    """None: its tasks run in the default pool."""
    devices: int


async def find(db: Database) -> list[Site]:
    """By name, those of devices and those that have a pool."""
    async with db.connection() as connection, connection.cursor(row_factory=class_row(Site)) as c:
        await c.execute(query("site_pools"))
        return await c.fetchall()


async def assign(db: Database, site: str, work_pool: str) -> None:
    """Have the tasks of a site run in a pool; the sync makes it and moves them.

    Raises:
        InvalidInput: a name that cannot be.
    """
    problems = []
    if not site.strip():
        problems.append(Problem(field="site", message="name the site as its devices do"))
    if not _POOL.fullmatch(work_pool):
        problems.append(Problem(field="pool", message="give a name without / % & < >"))
    elif work_pool.lower().startswith(_RESERVED):
        message = (
            f"{work_pool!r}: names that begin with 'prefect' are Prefect's own; choose another"
        )
        problems.append(Problem(field="pool", message=message))
    if problems:
        raise InvalidInput(problems)
    async with db.transaction() as connection:
        await connection.execute(query("put_site_pool"), {"name": site, "work_pool": work_pool})


async def release(db: Database, site: str) -> None:
    """Have the tasks of a site run in the default pool again.

    Raises:
        NotFound: it has no pool.
    """
    async with db.transaction() as connection:
        cursor = await connection.execute(query("delete_site_pool"), {"name": site})
        if cursor.rowcount == 0:
            raise NotFound("work pool of the site", site)


async def pool_of(db: Database, task_id: TaskId) -> str | None:
    """The pool of the site where all devices of a task are; None: it runs in the default one."""
    async with db.connection() as connection:
        cursor = await connection.execute(query("task_pool"), {"id": task_id})
        row = await cursor.fetchone()
    return None if row is None else str(row[0])
