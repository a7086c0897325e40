"""Brings many tasks to Prefect with us and with `prefect deploy`, side by side.

`python -m benchmarks.sync`, or with `--full` for 10,000 tasks.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.settings import PREFECT_API_AUTH_STRING

from benchmarks import sync_peer
from benchmarks.measuring import Contestant, Cost, compare
from benchmarks.sync_edits import edits, told, watching
from benchmarks.sync_world import NETSTACKS, World, world
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.reconcile import sync

_ABOUT = """\
A Prefect server and PostgreSQL are started for this; a worker is there, nothing is due. Ours is
`netstacks import` and `netstacks sync`, the other is `prefect deploy --all`, each from the start
of its program to its end, in turns on the same server. CPU is that of the programs and of the
Prefect server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    tasks: int
    sample: int
    """Tasks a round in the comparison."""
    peer: int
    """Deployments a round of `prefect deploy`."""
    rounds: int
    edits: int


_SHORT = _Size(tasks=300, sample=60, peer=20, rounds=2, edits=15)
_FULL = _Size(tasks=10_000, sample=300, peer=100, rounds=3, edits=200)


async def _main(size: _Size) -> None:
    print(_ABOUT)
    with tempfile.TemporaryDirectory(prefix="netstacks-bench-") as folder:
        async with world(Path(folder)) as here:
            made = await asyncio.to_thread(_compare, here, size)
            await _first_sync(here, size, made)
            await _nothing_changed(here, size)
            async with watching(here):
                print(f"\nAn edit until Prefect's API shows it, {size.tasks} tasks there")
                print("  nothing else to do:  ", told(await edits(here, size.edits, among=made)))
                print("  during a first sync: ", await _during_import(here, size, made))
                print("  during a full check: ", await _during_check(here, size, made))


def _compare(here: World, size: _Size) -> int:
    """How many tasks of ours there are at the end."""
    rounds = iter(range(size.rounds))
    again: dict[str, Path] = {}

    def ours() -> Cost:
        first = next(rounds) * size.sample
        made = here.run(*NETSTACKS, "import", str(here.tasks_file(first, size.sample)))
        synced = here.run(*NETSTACKS, "sync")
        return Cost(made.wall + synced.wall, made.cpu + synced.cpu)

    names = iter(range(size.rounds))

    def theirs() -> Cost:
        again["folder"] = sync_peer.prepare(here, f"peer-{next(names)}", size.peer)
        return sync_peer.deploy(here, again["folder"])

    compare(
        "New tasks, from a file to Prefect",
        [
            Contestant("netstacks import + sync", ours),
            Contestant("prefect deploy --all", theirs, items=size.peer),
        ],
        rounds=size.rounds,
        items=size.sample,
        unit="task",
    )
    compare(
        "The same once more: nothing has changed",
        [
            Contestant("netstacks sync", lambda: here.run(*NETSTACKS, "sync")),
            Contestant(
                "prefect deploy --all",
                lambda: sync_peer.deploy(here, again["folder"]),
                items=size.peer,
            ),
        ],
        rounds=size.rounds,
        items=size.sample * size.rounds,
        unit="task",
    )
    return size.sample * size.rounds


async def _first_sync(here: World, size: _Size, made: int) -> None:
    count = size.tasks - made
    imported = await asyncio.to_thread(
        here.run, *NETSTACKS, "import", str(here.tasks_file(made, count))
    )
    before = here.server_cpu()
    synced = await asyncio.to_thread(here.run, *NETSTACKS, "sync", "--json")
    busy = (here.server_cpu() - before) / synced.wall
    print(
        f"\n{count} more tasks"
        f"\n  import: {imported.wall:.1f} s, {imported.wall / count * 1e3:.2f} ms a task"
        f"\n  first sync: {synced.wall:.0f} s, {count / synced.wall:.1f} a second; the Prefect "
        f"server, one process, is busy {busy:.0%} of it"
    )


async def _nothing_changed(here: World, size: _Size) -> None:
    calls: list[str] = []

    async def count(request: httpx.Request) -> None:
        calls.append(request.url.path)

    client = PrefectClient(
        here.stack.api_url,
        auth_string=PREFECT_API_AUTH_STRING.value(),
        httpx_settings={"event_hooks": {"request": [count]}},
    )
    async with client:
        await client.api_version()
        if not calls:
            raise RuntimeError("requests to Prefect are not counted")
        calls.clear()
        times = []
        for _ in range(20):
            began = time.perf_counter()
            await sync(here.netstacks.db, PrefectGateway(client))
            times.append(time.perf_counter() - began)
        quick = f"{statistics.median(times) * 1e3:.0f} ms (most {max(times) * 1e3:.0f})"
        print(f"\nNothing changed, {size.tasks} tasks: {quick}, {len(calls)} requests to Prefect")
        began = time.perf_counter()
        await sync(here.netstacks.db, PrefectGateway(client), full=True)
        whole = time.perf_counter() - began
    print(
        f"  full check, every deployment read back: {whole:.1f} s, "
        f"{whole / size.tasks * 1e3:.1f} ms a task, {len(calls)} requests"
    )


async def _during_import(here: World, size: _Size, among: int) -> str:
    """The watcher writes many new tasks while one is edited."""
    count = max(size.tasks // 10, size.edits * 10)
    path = here.tasks_file(size.tasks, count)
    await asyncio.to_thread(here.run, *NETSTACKS, "import", str(path))
    waited = await edits(here, size.edits, among=among)
    return f"{told(waited)}; {await _left(here)} of {count} new tasks were still to be written"


async def _during_check(here: World, size: _Size, among: int) -> str:
    """A full check by another program, again and again."""
    while await _left(here):  # noqa: ASYNC110 - another process is watched
        await asyncio.sleep(0.5)
    ended = asyncio.Event()
    check = asyncio.create_task(_again_and_again(here, ended.is_set))
    waited = await edits(here, size.edits, among=among)
    ended.set()
    await check
    return told(waited)


async def _again_and_again(here: World, ended: Callable[[], bool]) -> None:
    while not ended():
        await asyncio.to_thread(here.run, *NETSTACKS, "sync", "--full", "--json")


async def _left(here: World) -> int:
    return sum(task.synced_hash is None for task in await here.netstacks.tasks())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10,000 tasks: half an hour")
    asyncio.run(_main(_FULL if parser.parse_args().full else _SHORT))
