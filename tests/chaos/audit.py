"""What a round left: runs lost, doubled or told differently, processes and halves of files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun
from psycopg.rows import dict_row

from benchmarks.fleet.configuration import wanted
from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.store.exclusion import holders
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.desired import TAG
from netstacks_tasks.sync.flow_runs import seen
from netstacks_tasks.sync.prefect_errors import open_client, translated
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.run_states import state_of
from tests.chaos import processes
from tests.chaos.devices import configuration
from tests.chaos.world import World

Row = dict[str, Any]
Rows = dict[UUID, Row]
_PAGE: Final = 200
_ENDED: Final = {"completed", "failed", "cancelled", "crashed", "missed"}


@dataclass(kw_only=True)
class Window:
    """The runs of a round: those due in a span of time, and those asked for."""

    start: datetime
    end: datetime
    schedules: dict[TaskId, list[datetime]]
    asked: set[UUID]

    @property
    def due(self) -> int:
        return len(self.asked) + sum(map(len, self.schedules.values()))


@dataclass(kw_only=True)
class Found:
    """What became of them."""

    lost: list[str] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)
    badly: list[str] = field(default_factory=list)
    """Of those that ended as failed or crashed: why."""
    open: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    running: set[UUID] = field(default_factory=set)


def window(world: World, start: datetime, end: datetime, asked: Collection[UUID]) -> Window:
    """The times of every task in [start, end)."""
    before = timedelta(microseconds=1)
    return Window(
        start=start,
        end=end,
        asked=set(asked),
        schedules={
            one.id: Schedule(one.spec.cron_expression, one.spec.timezone).between(
                start - before, end - before
            )
            for one in world.tasks
        },
    )


async def compare(world: World, chosen: Window) -> Found:
    """Look once at both databases."""
    rows = await _rows(world, chosen.start - timedelta(minutes=2))
    theirs = await _theirs(world, chosen.start - timedelta(minutes=2))
    found = Found()
    mine = [*_scheduled(world, rows, chosen, found), *_asked_for(rows, chosen, found)]
    for row in mine:
        found.states[row["state"]] = found.states.get(row["state"], 0) + 1
        if row["state"] in {"failed", "crashed"}:
            found.badly.append(f"{row['task_name']}, attempt {row['attempts']}: {row['message']}")
        if row["state"] not in _ENDED:
            if row["state"] == "running":
                found.running.add(row["id"])
            found.open.append(f"{row['task_name']} ({row['id']}): {row['state']}")
    found.differing += _differing(rows, theirs, chosen)
    return found


def _scheduled(world: World, rows: Rows, chosen: Window, found: Found) -> Iterator[Row]:
    """The rows of the times that the schedules have: one each."""
    names: dict[UUID, str] = {one.id: one.spec.name for one in world.tasks}
    there: dict[tuple[UUID, datetime], list[Row]] = {}
    for row in rows.values():
        if row["trigger"] == "schedule":
            there.setdefault((row["task_id"], row["scheduled_for"]), []).append(row)
    for task_id, times in chosen.schedules.items():
        for moment in times:
            what = f"{names[task_id]} at {moment:%H:%M}"
            of_it = there.pop((task_id, moment), [])
            if not of_it:
                found.lost.append(what)
            if len(of_it) > 1:
                found.differing.append(f"{what}: {len(of_it)} rows")
            yield from of_it
    found.differing += [
        f"{names.get(task_id)} at {moment:%H:%M}, which is none of its times"
        for task_id, moment in there
        if task_id in names and chosen.start <= moment < chosen.end
    ]


def _asked_for(rows: Rows, chosen: Window, found: Found) -> Iterator[Row]:
    for run_id in chosen.asked:
        if run_id in rows:
            yield rows[run_id]
        else:
            found.lost.append(f"asked for: {run_id}")


def _differing(rows: Rows, theirs: dict[UUID, FlowRun], chosen: Window) -> list[str]:
    """Runs of which the two databases tell different things."""
    told = []
    for run_id in {*rows, *theirs}:
        row = rows.get(run_id)
        run = seen(theirs[run_id]) if run_id in theirs else None
        if row is None and run is None:
            continue
        when: datetime = run.scheduled_for if run is not None else rows[run_id]["scheduled_for"]
        if not chosen.start <= when < chosen.end:
            continue
        if row is None:
            if run is not None and run.task_id in chosen.schedules:
                told.append(f"Prefect alone has {run_id} of {run.task_id}, {run.state_name}")
        elif run is None and row["state"] == "crashed" and "no longer has" in row["message"]:
            pass  # what a restore of its database has taken from Prefect is told as such
        elif row["state"] != "missed" and (run is None or state_of(run) != row["state"]):
            other = "nothing" if run is None else run.state_name
            told.append(f"{row['task_name']} ({run_id}): {row['state']} here, {other} in Prefect")
    return told


async def _rows(world: World, since: datetime) -> Rows:
    async with (
        world.netstacks.db.connection() as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        await cursor.execute("SELECT * FROM task_runs WHERE scheduled_for >= %s", [since])
        return {row["id"]: row for row in await cursor.fetchall()}


async def _theirs(world: World, since: datetime) -> dict[UUID, FlowRun]:
    """Prefect's runs, but for those that it has made for later."""
    chosen = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[TAG]),
        expected_start_time=FlowRunFilterExpectedStartTime(after_=since, before_=datetime.now(UTC)),
    )
    found: list[FlowRun] = []
    async with open_client(world.stack.api_url) as client, translated("read flow runs"):
        while True:
            page = await client.read_flow_runs(
                flow_run_filter=chosen, limit=_PAGE, offset=len(found)
            )
            found += page
            if len(page) < _PAGE:
                return {run.id: run for run in found}


async def until_right(world: World, chosen: Window, seconds: float) -> float:
    """Look until both databases tell the same, and no run as running that nobody works on."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(NetstacksError):
            found = await compare(world, chosen)
            dead = found.running - set(await holders(world.netstacks.db))
            if not (found.lost or found.differing or dead):
                break
        await asyncio.sleep(1)
    return time.monotonic()


async def until_settled(world: World, chosen: Window, seconds: float) -> tuple[Found, float]:
    """Look until all is well, or the time is over; what was found last, and when it was."""
    deadline = time.monotonic() + seconds
    found = Found(lost=["nobody answered"])
    while True:
        try:
            found = await compare(world, chosen)
        except NetstacksError:
            pass  # one of the two is away
        else:
            if not (found.lost or found.open or found.differing):
                now = time.monotonic()
                found.differing = await _deployments(world)
                if not found.differing:
                    return found, now
        if time.monotonic() > deadline:
            return found, time.monotonic()
        await asyncio.sleep(1)


async def _deployments(world: World) -> list[str]:
    """Deployments without a task, and tasks without their deployment."""
    installation = await task_rows.installation(world.netstacks.db)
    async with PrefectGateway.open(world.stack.api_url) as gateway:
        there = {one.place.name for one in await gateway.owned(installation)}
    wanted_ones = {one.spec.name for one in world.tasks}
    told = [f"{name} has no deployment" for name in wanted_ones - there]
    return told + [f"a deployment of no task: {name}" for name in there - wanted_ones]


async def halves(world: World) -> list[str]:
    """Versions and files that are no whole configuration of their device."""
    made = range(world.site.generation + 1)
    whole = {
        place["name"]: {wanted(configuration(place["name"], one)) for one in made}
        for place in world.site.places
    }
    async with world.netstacks.db.connection() as connection:
        cursor = await connection.execute(
            "SELECT device_name, source, content, sha256 FROM config_snapshots"
            " ORDER BY device_name, source, captured_at"
        )
        versions = await cursor.fetchall()
    bad = [f"a version of {row[0]}" for row in versions if wanted(row[2]) not in whole[row[0]]]
    bad += [
        f"{row[0]} has one version twice"
        for before, row in pairwise(versions)
        if (before[0], before[1], before[3]) == (row[0], row[1], row[3])
    ]
    for file in (world.stack.config_store / "chaos").glob("*"):
        name = file.name.split(".")[0]
        if name not in whole or wanted(file.read_text()) not in whole[name]:
            bad.append(f"the file {file.name}")
    return bad


async def strays(world: World, seconds: float) -> list[str]:
    """Processes that belong to no run under way; those of one that ends just now have a moment."""
    deadline = time.monotonic() + seconds
    always: dict[int, str] | None = None
    while True:
        programs = [pid for one in world.programs.values() if (pid := one.pid) is not None]
        now = processes.strays(world.stack.state_dir, programs)
        always = now if always is None else {p: text for p, text in always.items() if p in now}
        if not always or time.monotonic() > deadline:
            return list(always.values())
        await asyncio.sleep(0.5)
