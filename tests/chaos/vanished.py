"""A worker's machine that vanishes: when its run stops, and when its lock is free for others.

    python -m tests.chaos.vanished        # as root; half a minute

PostgreSQL and a process that holds a task's lock are in a network namespace, where
every packet between the two is swallowed from one moment on. The process must stop
its work before the server lets go of its lock.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from netstacks_tasks.embedded.cluster import Cluster
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.embedded.processes import Program
from netstacks_tasks.errors import TaskBusy
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.exclusion import TaskLock, holders

_THERE = "127.0.0.5"
_INSIDE = "inside"
_HOLD = "hold"


class _Reachable(EmbeddedPostgres):
    """Listens on a second address, to which packets can be swallowed."""

    def _program(self, made: Cluster) -> Program:
        with (made.data / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {_THERE}/32 scram-sha-256\n")
        program = super()._program(made)
        argv = [*program.argv, "-c", f"listen_addresses=127.0.0.1,{_THERE}"]
        return replace(program, argv=argv)


def main() -> int:
    """Make the namespace, and run the rest in it."""
    if os.geteuid() != 0:
        sys.stdout.write("skipped: network namespaces need root\n")
        return 0
    name = f"netstacks-vanished-{os.getpid()}"
    _run("ip", "netns", "add", name)
    try:
        _run("ip", "-n", name, "link", "set", "lo", "up")
        own = [sys.executable, "-m", "tests.chaos.vanished", _INSIDE]
        return subprocess.run(["ip", "netns", "exec", name, *own], check=False).returncode
    finally:
        _run("ip", "netns", "del", name)


async def _inside(folder: Path) -> int:
    async with (
        _Reachable(folder / "postgres", durable=False) as server,
        Database.open(server.url()) as db,
    ):
        holder = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.vanished", _HOLD),
            env=os.environ | {"HELD_URL": server.url().replace("@127.0.0.1:", f"@{_THERE}:")},
            stdout=asyncio.subprocess.PIPE,
        )
        assert holder.stdout is not None
        await holder.stdout.readline()
        assert len(await holders(db)) == 1
        _swallow()
        began = time.monotonic()
        stopping = asyncio.create_task(_seconds(holder.stdout.readline(), began))
        freed = await _seconds(_free(db), began)
        stopped = await stopping
        await holder.wait()
    sys.stdout.write(
        f"cut off, the run stopped after {stopped:.1f} s, and its lock was free after "
        f"{freed:.1f} s\n"
    )
    return 0 if stopped < freed else 1


async def _free(db: Database) -> None:
    while await holders(db):  # noqa: ASYNC110 - the server is watched
        await asyncio.sleep(0.1)


async def _seconds(waited: Awaitable[object], began: float) -> float:
    await waited
    return time.monotonic() - began


async def _hold() -> None:
    try:
        async with TaskLock(os.environ["HELD_URL"], TaskId(uuid4()), RunId(uuid4())):
            sys.stdout.write("held\n")
            sys.stdout.flush()
            await asyncio.sleep(600)
    except TaskBusy as error:
        sys.stdout.write(f"{error}\n")


def _swallow() -> None:
    """The rule that finds local addresses comes first unless it is moved."""
    _run("ip", "rule", "add", "pref", "10", "lookup", "local")
    _run("ip", "rule", "del", "pref", "0", "lookup", "local")
    _run("ip", "rule", "add", "pref", "5", "to", _THERE, "blackhole")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    if _INSIDE in sys.argv:
        with tempfile.TemporaryDirectory(prefix="netstacks-vanished-") as made:
            Path(made).chmod(0o711)
            sys.exit(asyncio.run(_inside(Path(made))))
    if _HOLD in sys.argv:
        asyncio.run(_hold())
        sys.exit()
    sys.exit(main())
