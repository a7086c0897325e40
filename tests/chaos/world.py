"""The stack, its tasks and devices, all as programs that can be broken."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.fleet.device import PASSWORD, USERNAME
from netstacks_tasks.embedded.environment import prefect_environment
from netstacks_tasks.embedded.processes import Program, SupervisedProcess
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.models.task import Task
from netstacks_tasks.settings import Settings
from netstacks_tasks.wiring import NetStacks
from tests.chaos.ledger import Ledger
from tests.chaos.scene import backups, write_scene
from tests.chaos.site import Site
from tests.chaos.zones import change, own_zones

_WATCHING = "watching the task table"
_STORE_MIB = 32


@dataclass(kw_only=True)
class World:
    """What a round has before it."""

    stack: Stack
    sync: SupervisedProcess
    netstacks: NetStacks
    site: Site
    ledger: Ledger
    change: datetime
    """When the clocks of the two zones change."""
    store_is_small: bool
    """The configurations' folder is a file system of its own."""
    tasks: Sequence[Task] = ()

    @property
    def programs(self) -> dict[str, SupervisedProcess]:
        stack = self.stack
        found = {"sync": self.sync}
        for name, part in (
            ("postgres", stack.postgres),
            ("server", stack.server),
            ("worker", stack.worker),
        ):
            assert part is not None
            assert part.process is not None
            found[name] = part.process
        return found

    def pid(self, name: str) -> int:
        """Of a program that runs."""
        pid = self.programs[name].pid
        assert pid is not None
        return pid

    async def reread(self) -> None:
        """Take note of the tasks as they are."""
        self.tasks = await self.netstacks.tasks()


@asynccontextmanager
async def world(
    folder: Path, *, count: int, spread: int, change_after: timedelta
) -> AsyncIterator[World]:
    """Start everything; the tasks are deployed when the block begins.

    Args:
        folder: an empty one that every user may enter.
        count: of tasks.
        spread: minutes over which their times are spread.
        change_after: how far from the import of the tasks the change of the clocks is at least;
            it comes with a minute.
    """
    async with AsyncExitStack() as parts:
        zone_folder = folder / "tz"
        zone_folder.mkdir(mode=0o755)
        parts.enter_context(own_zones(zone_folder))
        settings = Settings(
            state_dir=folder / "state",
            postgres_port=0,
            prefect_port=0,
            prefect_api_url=None,
            worker_limit=20,
        )
        small = _mount_store(settings.state_dir, parts)
        ledger = await parts.enter_async_context(Ledger())
        site = await parts.enter_async_context(Site(folder / "site", backups(count)))
        stack = await parts.enter_async_context(Stack(settings, sync=False))
        await stack.save_credentials({"chaos": {"username": USERNAME, "password": PASSWORD}})
        netstacks = await parts.enter_async_context(NetStacks.open(settings))
        moment = (datetime.now(UTC) + change_after).replace(second=0, microsecond=0)
        moment += timedelta(minutes=1)
        change(zone_folder, moment)
        scene = write_scene(folder, count, spread, ledger.port, site.places, moment)
        await netstacks.import_files([scene])
        sync = SupervisedProcess(_sync_program(stack))
        await sync.start()
        parts.push_async_callback(sync.stop)
        made = World(
            stack=stack, sync=sync, netstacks=netstacks, site=site, ledger=ledger, change=moment,
            store_is_small=small,
        )  # fmt: skip
        await until_deployed(made)
        yield made


async def until_deployed(made: World) -> None:
    """Wait until Prefect has every task, and know them."""
    while True:
        await made.reread()
        if all(task.deployment_id and task.synced_hash for task in made.tasks):
            return
        await asyncio.sleep(0.3)


def _mount_store(state: Path, parts: AsyncExitStack) -> bool:
    """Give the configurations a disk that can be filled; root alone can."""
    if os.geteuid() != 0:
        return False
    state.mkdir()
    state.chmod(0o711)
    store = state / "configs"
    store.mkdir(mode=0o700)
    options = f"size={_STORE_MIB}m,mode=700"
    mount = ["mount", "-t", "tmpfs", "-o", options, "netstacks-chaos", str(store)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        return False
    parts.callback(subprocess.run, ["umount", "-l", str(store)], check=True)
    return True


def _sync_program(stack: Stack) -> Program:
    log = stack.logs / "sync.log"

    async def watches() -> bool:
        return log.exists() and _WATCHING in log.read_text()

    own = {
        "NETSTACKS_DATABASE_URL": stack.database_url,
        "NETSTACKS_STATE_DIR": str(stack.state_dir),
        "PREFECT_API_URL": stack.api_url,
    }
    return Program(
        name="The sync",
        argv=[
            sys.executable, "-P", "-c", "from netstacks_tasks.cli.main import main; main()",
            "sync", "--watch",
        ],
        env=prefect_environment(stack.prefect_home, own),
        log=log,
        ready=watches,
        start_timeout=60,
        advice="Look for the first error in its log.",
        cwd=stack.prefect_home,
    )  # fmt: skip
