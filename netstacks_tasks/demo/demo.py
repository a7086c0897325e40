"""The demo: devices captured on a schedule, shown from end to end.

`netstacks demo` runs it in a state folder of its own and stops; `netstacks up
--demo` plays it in the usual one and stays up.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from netstacks_tasks.demo import report
from netstacks_tasks.demo.runs import DemoRuns
from netstacks_tasks.demo.scene import Scene, scene
from netstacks_tasks.demo.schedule import (
    EDGE_BACKUP,
    EVERY_MINUTE,
    MORNING_SUMMARY,
    demo_tasks,
)
from netstacks_tasks.demo.stacks import REFUSING, ROUTE_PUSH, VLAN_PUSH
from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.embedded.up import run_within, stay_up, up_exit_code
from netstacks_tasks.errors import NetstacksError, RunFailed
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.runs import TaskRun
from netstacks_tasks.models.task import Task
from netstacks_tasks.serving.beside_stack import page_beside
from netstacks_tasks.settings import Settings
from netstacks_tasks.store import snapshots
from netstacks_tasks.store.config_keys import sealing_of
from netstacks_tasks.store.database import Database

CHANGED_DEVICE = "edge-sw-01"
SHAKY_DEVICE = "edge-sw-02"

_TABLES: Final[Mapping[str, Callable[[str, Sequence[DeviceResult]], Table]]] = {
    "backup": report.backup_table,
    "health_check": report.health_table,
    "custom_script": report.script_table,
}
"""By the type of a task."""


class _Story:
    """The demo's steps on one scene."""

    def __init__(self, scene: Scene, db: Database, console: Console) -> None:
        self._scene = scene
        self._db = db
        self._console = console
        self._runs = DemoRuns(db, scene.stack.api_url)
        self._began = datetime.now(UTC)
        self._finished: list[TaskRun] = []

    async def play(self) -> None:
        """Every step; raises `RunFailed` when something is not as it should be."""
        tasks = demo_tasks(with_ping=self._scene.with_ping, model_block=self._scene.model_block)
        names = [task["name"] for task in tasks]
        deployed = await self._runs.when_deployed(names)
        self._say(f"The sync has made {len(deployed)} deployments in Prefect, one per task.")
        await self._first_round(deployed)
        await self._second_round(deployed[EDGE_BACKUP])
        asked = await self._runs.start(deployed[MORNING_SUMMARY])
        await self._deployments(deployed[VLAN_PUSH], deployed[ROUTE_PUSH])
        await self._agent(deployed[MORNING_SUMMARY], asked)
        await self._scheduled(deployed[EVERY_MINUTE])
        self._console.print(report.run_table([_row(run) for run in self._finished]))

    async def _first_round(self, deployed: dict[str, Task]) -> None:
        later = {EVERY_MINUTE, VLAN_PUSH, ROUTE_PUSH, MORNING_SUMMARY}
        chosen = [task for name, task in deployed.items() if name not in later]
        self._say("Running every other task through its deployment, all at once ...")
        started = {task.spec.name: await self._runs.start(task) for task in chosen}
        for task in chosen:
            run_id = started[task.spec.name]
            results = await self._ended(run_id)
            self._console.print(_TABLES[task.spec.task_type](task.spec.name, results))
            if task.spec.task_type == "custom_script":
                await self._script(run_id)

    async def _script(self, run_id: RunId) -> None:
        """What a script's run has beside its devices: how it was kept apart, and its files."""
        lines = (await self._runs.report(run_id)).splitlines()
        for line in lines:
            if line.startswith("Isolation:"):
                self._say(line)
        for name, size in await asyncio.to_thread(self._artifacts, run_id):
            self._say(f"Kept of its artifacts: {name}, {size} bytes.")

    def _artifacts(self, run_id: RunId) -> list[tuple[str, int]]:
        root = self._scene.stack.config_store
        found = sorted((root / "script-artifacts" / str(run_id)).rglob("*"))
        return [(str(one.relative_to(root)), one.stat().st_size) for one in found if one.is_file()]

    async def _second_round(self, task: Task) -> None:
        fleet = self._scene.fleet
        lines = await asyncio.to_thread(fleet.change, CHANGED_DEVICE)
        self._say(f"Changed {CHANGED_DEVICE}: {'; '.join(lines)}")
        await asyncio.to_thread(lambda: fleet.break_device(SHAKY_DEVICE, "error_page", times=1))
        self._say(f"{SHAKY_DEVICE} will answer the next login with an error page.")
        run_id = await self._runs.start(task)
        results = await self._ended(run_id)
        self._console.print(report.backup_table(f"{task.spec.name}, again", results))
        retried = sorted({result.device_name for result in results if result.attempt > 1})
        self._say(
            "The first attempt kept what it had captured; the second went to "
            f"{', '.join(retried)} only."
        )
        new = [result for result in results if result.changed]
        for result in new:
            self._console.print(report.diff_view(await self._diff(result)))
        if {result.device_name for result in new} != {CHANGED_DEVICE}:
            raise RunFailed(
                f"only {CHANGED_DEVICE} was changed, and the backup kept a new version of "
                f"{sorted({result.device_name for result in new})}",
                [CHANGED_DEVICE],
            )

    async def _deployments(self, vlans: Task, routes: Task) -> None:
        """A push with its diff, the same again, and one that a router refuses."""
        self._say("Deploying: VLANs to four switches, and a route that one of two routers refuses.")
        pushing, refusing = await self._runs.start(vlans), await self._runs.start(routes)
        results = await self._ended(pushing)
        self._console.print(report.deployment_table(vlans.spec.name, results))
        changed = [result for result in results if result.item == "config" and result.changed]
        for result in changed[:1]:
            self._console.print(report.diff_view(await self._diff(result)))
        results = await self._ended(refusing, state="failed")
        self._console.print(report.deployment_table(routes.spec.name, results))
        self._say(
            f"{REFUSING} refused a line and was rolled back; the other router keeps its route."
        )
        results = await self._ended(await self._runs.start(vlans))
        self._console.print(report.deployment_table(f"{vlans.spec.name}, again", results))
        sent = [result.device_name for result in results if result.changed]
        if sent:
            raise RunFailed(f"the VLANs were there already and were sent again to {sent}", sent)

    async def _agent(self, task: Task, run_id: RunId) -> None:
        """What the agent answered, as the transcript of its run has it."""
        await self._ended(run_id)
        assert task.spec.parameters.type == "agent_task"  # noqa: S101 - the demo's own
        self._say(f"{task.spec.name}, asked: {task.spec.parameters.prompt}")
        file = self._scene.stack.config_store / "agent-transcripts" / str(run_id) / "1.json"
        answer = json.loads(await asyncio.to_thread(file.read_text))["answer"]
        lines = answer["summary"].splitlines()
        for finding in answer["findings"]:
            lines.append(f"{finding['evidence']}  ({finding['severity']}, {finding['device']})")
        for one in answer["unreachable"]:
            lines.append(f"{one['reason']}  (not reached, {one['device']})")
        for line in lines:
            # A line that is broken would not say in every part who said it.
            self._console.print(line, style="yellow", markup=False, soft_wrap=True)

    async def _scheduled(self, task: Task) -> None:
        self._say(f"Waiting for the schedule of {task.spec.name!r} to fire ...")
        run = await self._runs.fired(task, after=self._began)
        self._keep(run)
        self._say(f"Fired by cron for {run.scheduled_for:%H:%M:%S} UTC: {run.state}.")
        results = await self._runs.results(run.id)
        self._console.print(report.health_table(task.spec.name, results))

    async def _ended(self, run_id: RunId, *, state: str = "completed") -> list[DeviceResult]:
        self._keep(await self._runs.ended(run_id), state)
        return await self._runs.results(run_id)

    def _keep(self, run: TaskRun, state: str = "completed") -> None:
        self._finished.append(run)
        if run.state != state:
            raise RunFailed(f"{run.task_name} ended {run.state}: {run.message}", [])

    async def _diff(self, result: DeviceResult) -> str:
        if result.snapshot_id is None:
            return ""
        newest = await snapshots.get(self._db, result.snapshot_id)
        before = await snapshots.previous(self._db, newest)
        if before is None:
            return ""
        return await snapshots.diff(self._db, before.id, newest.id, normalise=normalise)

    def _say(self, text: str) -> None:
        _teller(self._console)(text)


def _row(run: TaskRun) -> dict[str, str]:
    started = "" if run.started_at is None else f"{run.started_at:%H:%M:%S}"
    return {
        "Task": run.task_name,
        "Started by": run.trigger,
        "Started (UTC)": started,
        "Attempts": str(run.attempts),
        "Result": run.state,
    }


async def play(stack: Stack, console: Console) -> None:
    """The demo on a running stack; its fleet ends with it.

    Raises:
        NetstacksError: something was not as it should be.
    """
    async with scene(stack, say=_teller(console)) as on_stage:
        await _tell(on_stage, console)


async def _tell(on_stage: Scene, console: Console) -> None:
    stack = on_stage.stack
    sealing = sealing_of(stack.settings.config_key_file)
    async with Database.open(stack.database_url, migrate=False, sealing=sealing) as db:
        await _Story(on_stage, db, console).play()


def run_demo(settings: Settings, console: Console) -> int:
    """`netstacks demo`: play it, stop everything, leave nothing unless it failed; the exit code.

    A database or a Prefect server that the settings name outlives the demo, and
    so must the fleet's keys: then the state is kept too.
    """

    async def work(stack: Stack) -> None:
        began = time.monotonic()
        await play(stack, console)
        say = _teller(console)
        say(f"Prefect's page was {stack.ui_url}; `netstacks up --demo` keeps it up.")
        say(f"The demo took {time.monotonic() - began:.0f} seconds. Stopping everything.")

    if settings.database_url is not None or settings.prefect_api_url is not None:
        return _within(settings.state_dir / "demo", settings, work, console)
    folder = Path(tempfile.mkdtemp(prefix="netstacks-demo-"))
    # As root, the account PostgreSQL runs under must be able to pass.
    folder.chmod(0o711)
    code = _within(folder, settings, work, console)
    if code == 1:
        _teller(console)(f"What it left, logs included, is in {folder}.")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return code


def run_demo_up(settings: Settings, console: Console) -> int:
    """`netstacks up --demo`: play it in the usual state folder and stay up until Ctrl-C."""

    async def work(stack: Stack) -> None:
        say, complain = _teller(console), _teller(console, style="red")
        async with (
            page_beside(stack, complain=complain) as said,
            scene(stack, say=say) as on_stage,
        ):
            for text in said:
                say(text)
            try:
                await _tell(on_stage, console)
            except NetstacksError as error:
                complain(f"The demo failed, the stack stays up: {error}")
            await stay_up(stack, say, said)

    return up_exit_code(_within(settings.state_dir, settings, work, console))


def _within(
    folder: Path,
    settings: Settings,
    work: Callable[[Stack], Awaitable[None]],
    console: Console,
) -> int:
    return run_within(
        settings.model_copy(update={"state_dir": folder}),
        work,
        say=_teller(console),
        complain=_teller(Console(stderr=True), style="red"),
    )


def _teller(console: Console, style: str = "") -> Callable[[str], None]:
    """Prints sentences as they are: no markup, no colours of rich's own, no line breaks."""

    def tell(text: str) -> None:
        console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    return tell
