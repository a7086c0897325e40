"""The servers that the benchmark of the sync works on, and tasks for them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measuring import Cost, run_program
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.settings import Settings
from netstacks_tasks.wiring import NetStacks

NETSTACKS = (sys.executable, "-c", "from netstacks_tasks.cli.main import main; main()")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A stack as `netstacks up` starts it, without its sync."""

    folder: Path
    stack: Stack
    netstacks: NetStacks

    @property
    def environment(self) -> Mapping[str, str]:
        """For `netstacks` and `prefect`: both find the servers."""
        return os.environ | {"NETSTACKS_STATE_DIR": str(self.stack.state_dir)}

    def run(self, *words: str, cwd: Path | None = None) -> Cost:
        """Run a program to its end; its CPU and the Prefect server's meanwhile."""
        before = self.server_cpu()
        cost = run_program(words, env=self.environment, cwd=cwd)
        return Cost(cost.wall, cost.cpu + self.server_cpu() - before)

    def server_cpu(self) -> float:
        """Seconds of CPU that the Prefect server has used."""
        server = self.stack.server
        process = None if server is None else server.process
        if process is None or process.pid is None:
            raise RuntimeError("the Prefect server does not run")
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def tasks_file(self, first: int, count: int) -> Path:
        """A file to import, with tasks of these numbers and what they name."""
        path = self.folder / f"tasks-{first}-{count}.json"
        # Half a day away: none of them runs meanwhile.
        hour = (datetime.now(UTC) + timedelta(hours=12)).hour
        tasks = [
            {
                "name": f"Nightly backup {number:05}",
                "task_type": "backup",
                "cron_expression": f"{number % 60} {hour} * * *",
                "timeout_seconds": 600,
                "parameters": {
                    "type": "backup",
                    "target_type": "device_group",
                    "target_id": "core",
                    "destination": "core",
                },
            }
            for number in range(first, first + count)
        ]
        inventory = {
            "credentials": [{"name": "lab", "block_name": "lab"}],
            "device_groups": [{"name": "core"}],
            "devices": [
                {
                    "name": "r1",
                    "host": "127.0.0.1",
                    "platform": "ios",
                    "credential": "lab",
                    "groups": ["core"],
                }
            ],
        }
        path.write_text(json.dumps(inventory | {"tasks": tasks}))
        return path


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """Start it all in a folder; gone at the end of the block."""
    # PostgreSQL may run under an account of its own.
    await asyncio.to_thread(folder.chmod, 0o711)
    settings = Settings(state_dir=folder / "state", postgres_port=0, prefect_port=0)
    async with (
        Stack(settings, sync=False, say=lambda _: None) as stack,
        NetStacks.open(settings) as netstacks,
    ):
        yield World(folder=folder, stack=stack, netstacks=netstacks)
