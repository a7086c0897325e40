"""Flow runs, executed as a worker executes them: each in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Any, Protocol
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.objects import State

from .warm_engine import WarmEngine

ENGINE: WarmEngine | None = None
"""Forks the processes while it is there; the fixture `engine` sets it."""
_PIDS: dict[UUID, int] = {}


class Process(Protocol):
    """What executes a run."""

    @property
    def pid(self) -> int: ...

    async def wait(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Ran:
    """A flow run that is over."""

    id: UUID
    exit_code: int
    output: str
    """What its process printed."""
    state: State[Any]


async def create(flow_name: str, task_id: str) -> UUID:
    """A flow run that waits to be executed."""
    async with get_client() as client:
        flow_id = await client.create_flow_from_name(flow_name)
        response = await client.request(
            "POST",
            "/flow_runs/",
            json={
                "flow_id": str(flow_id),
                "parameters": {"task_id": task_id},
                "state": {"type": "PENDING"},
            },
        )
    return UUID(response.json()["id"])


async def run(flow_name: str, task_id: str, **how: Any) -> Ran:  # noqa: ANN401
    """Run a task's flow."""
    return await execute(await create(flow_name, task_id), flow_name, **how)


async def execute(
    run_id: UUID,
    flow_name: str,
    *,
    retries: int = 0,
    timeout: float = 120,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Execute a flow run that Prefect knows.

    With more in its environment it gets a fresh interpreter, as from a worker:
    that environment may be about how one starts, or about who can read it.
    """
    given = {
        **os.environ,
        "PREFECT__FLOW_RUN_ID": str(run_id),
        "PREFECT__FLOW_ENTRYPOINT": f"flows.{flow_name}.{flow_name}",
        "PREFECT_FLOWS_DEFAULT_RETRIES": str(retries),
        "PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS": "0",
        "NETSTACKS_TASK_TIMEOUT_SECONDS": str(timeout),
        **(environment or {}),
    }
    with tempfile.NamedTemporaryFile() as log:
        if ENGINE is None or environment is not None:
            started = _fresh(given, Path(log.name))
        else:
            started = ENGINE.started(given, Path(log.name))
        async with started as process:
            _PIDS[run_id] = process.pid
            exit_code = await process.wait()
        output = await asyncio.to_thread(Path(log.name).read_text)
    async with get_client() as client:
        flow_run = await client.read_flow_run(run_id)
    assert flow_run.state is not None
    return Ran(run_id, exit_code, output, flow_run.state)


def beginning_with(program: str, folder: Path) -> dict[str, str]:
    """An environment in which a flow run's interpreter executes a program when it starts."""
    text = f'import os\nif os.environ.get("PREFECT__FLOW_RUN_ID"):\n{indent(program, "    ")}'
    (folder / "sitecustomize.py").write_text(text, encoding="utf-8")
    path = [str(folder), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(part for part in path if part)}


@asynccontextmanager
async def _fresh(environment: Mapping[str, str], log: Path) -> AsyncIterator[Process]:
    with log.open("ab") as output:
        yield await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "prefect.engine"),
            env=environment,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )


def process_of(run_id: UUID) -> int:
    """The process that executes a run."""
    return _PIDS[run_id]
