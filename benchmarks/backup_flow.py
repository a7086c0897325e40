"""A backup as a whole: run by Prefect, through the worker, recorded and reported."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.backup_world import World
from benchmarks.fleet.control import Fleet, cpu_of_family
from benchmarks.fleet.device import PASSWORD, USERNAME
from netstacks_tasks.embedded.processes import SupervisedProcess
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.settings import Settings
from netstacks_tasks.wiring import NetStacks

_TURNS = 3
"""The first one meets the host keys; the last one is shown."""


async def show_flow_run(fleet: Fleet, folder: Path) -> None:
    """Run the fleet's backup on a stack of its own, and print what it costs from order to end."""
    settings = Settings(state_dir=folder / "stack", postgres_port=0, prefect_port=0)
    async with Stack(settings, sync=False) as stack, NetStacks.open(settings) as netstacks:
        assert stack.postgres is not None
        place = World(stack.postgres, stack.database_url)
        group = await place.fill(fleet.age, fleet.hosts, fleet.age)
        secrets = {"username": USERNAME, "password": PASSWORD}
        await stack.save_credentials(dict.fromkeys(place.logins(fleet.age), secrets))
        tasks = [TaskId((await place.task(group))[0]) for _ in range(_TURNS)]
        await netstacks.sync()
        wall, used = 0.0, {}
        for task in tasks:
            before = _used(stack.processes)
            began = time.perf_counter()
            ended = await netstacks.ended(await netstacks.run_now(task))
            wall = time.perf_counter() - began
            used = {name: now - before[name] for name, now in _used(stack.processes).items()}
            if ended.run.state != "completed":
                raise RuntimeError(f"the run of the flow ended as {ended.run.state}")
    count = len(fleet.hosts)
    each = ", ".join(f"{name} {seconds / count * 1e3:.2f}" for name, seconds in used.items())
    print(
        f"  the same as a run of its flow, from the order to the end: {wall:.2f} s;\n"
        f"    ms of CPU per device: {each}",
        flush=True,
    )


def _used(processes: tuple[SupervisedProcess, ...]) -> dict[str, float]:
    """Seconds of CPU by the name of the program."""
    return {one.program.name: cpu_of_family(one.pid) for one in processes if one.pid is not None}
