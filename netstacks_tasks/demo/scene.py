"""The stack with the demo fleet beside it, its inventory and tasks imported."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from netstacks_tasks.demo.fleet_control import FleetControl
from netstacks_tasks.demo.schedule import demo_tasks
from netstacks_tasks.demo.scripted_model import NAME, SIGN, scripted_model
from netstacks_tasks.demo.stacks import demo_stacks
from netstacks_tasks.embedded.environment import limited_environment
from netstacks_tasks.embedded.processes import Program, SupervisedProcess
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.models.parameters import DEFAULT_MODEL_BLOCK

DEVICE_COUNT = 24
STAND_IN: Final = "demo-scripted-model"
"""The block of the stand-in: never that of a person's own model."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What the demo plays with."""

    stack: Stack
    fleet: FleetControl
    with_ping: bool
    """Whether this process may send ICMP."""
    model_block: str | None
    """The stand-in for a language model; None where one is configured."""


@asynccontextmanager
async def scene(stack: Stack, *, say: Callable[[str], None]) -> AsyncIterator[Scene]:
    """Start the fleet beside a running stack and import what it describes.

    The fleet keeps its keys and passwords in the stack's state folder, so that
    a second demo meets the devices of the first.

    Raises:
        ConfigurationError: the fleet did not start.
    """
    folder = stack.state_dir / "demo-fleet"
    fleet = FleetControl(folder)
    process = SupervisedProcess(_program(folder, fleet, stack.logs / "demo-fleet.log"))
    await process.start()
    try:
        devices = await asyncio.to_thread(fleet.devices)
        say(f"{len(devices)} simulated devices answer SSH and SNMP on loopback.")
        await stack.save_credentials(json.loads((folder / "secrets.json").read_text()))
        with_ping = await _ping_permitted(say)
        async with _model_block(stack, say) as model_block:
            tasks = demo_tasks(with_ping=with_ping, model_block=model_block)
            await _import(stack, folder / "inventory.yaml", tasks, say=say)
            yield Scene(stack=stack, fleet=fleet, with_ping=with_ping, model_block=model_block)
    finally:
        await process.stop()


@asynccontextmanager
async def _model_block(stack: Stack, say: Callable[[str], None]) -> AsyncIterator[str | None]:
    """A stand-in served under a block of its own, unless a model is configured."""
    if await stack.has_model(DEFAULT_MODEL_BLOCK):
        yield None
        return
    say(f"{SIGN} No language model is configured: a script stands in for one.")
    async with scripted_model() as base_url:
        endpoint = {"base_url": base_url, "model": NAME, "tool_choice": "required"}
        await stack.save_model(STAND_IN, endpoint)
        yield STAND_IN


def _program(folder: Path, fleet: FleetControl, log: Path) -> Program:
    folder.mkdir(mode=0o700, exist_ok=True)

    async def answers() -> bool:
        try:
            return len(await asyncio.to_thread(fleet.devices)) == DEVICE_COUNT
        except NetstacksError:
            return False

    return Program(
        name="The demo fleet",
        argv=[
            sys.executable, "-P", "-m", "netstacks_tasks.demo.fleet",
            "--count", str(DEVICE_COUNT), "--directory", str(folder),
        ],
        env=limited_environment(),
        log=log,
        ready=answers,
        start_timeout=60,
        advice="Look for the first error in its log.",
        cwd=folder,
    )  # fmt: skip


async def _ping_permitted(say: Callable[[str], None]) -> bool:
    from netstacks_tasks.devices.icmp import ping_permitted  # noqa: PLC0415 - only here

    permitted = await asyncio.to_thread(ping_permitted)
    if not permitted:
        say(
            "This user may not send ICMP, so the health checks leave out ping. To permit it: "
            'sysctl -w net.ipv4.ping_group_range="0 2147483647"'
        )
    return permitted


async def _import(
    stack: Stack, inventory: Path, tasks: list[dict[str, Any]], *, say: Callable[[str], None]
) -> None:
    from netstacks_tasks.importing.documents import import_documents  # noqa: PLC0415
    from netstacks_tasks.store.database import Database  # noqa: PLC0415

    file = inventory.with_name("tasks.json")
    file.write_text(json.dumps({**demo_stacks(), "tasks": tasks}, indent=2))
    async with Database.open(stack.database_url, migrate=False) as db:
        report = await import_documents(db, [inventory, file])
    say(f"Imported the inventory and the tasks: {report}.")
