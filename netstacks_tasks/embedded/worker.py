"""The worker that runs the flow runs, as a supervised process."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from netstacks_tasks.embedded.environment import prefect_environment
from netstacks_tasks.embedded.prefect_server import WORKER_PREFETCH_SECONDS
from netstacks_tasks.embedded.processes import Program, SupervisedProcess
from netstacks_tasks.errors import SyncError

_QUERY_SECONDS = 15
"""Runs that are asked for are announced, and planned ones known half a minute ahead; each look has
the server touch all deployments of the pool."""
_TYPE = "netstacks" if sys.platform == "linux" else "process"
"""Elsewhere a fork of a process that has imported much is not safe; Prefect's own serves there."""
_END_SECONDS = 30
"""A run that has to take a change back needs them; others end at once."""
_JSON_LOGS = {
    f"PREFECT_LOGGING_HANDLERS_{handler}_CLASS": "netstacks_tasks.json_lines.JsonHandler"
    for handler in ("CONSOLE", "DEBUG")
}
_HASTE = {
    # Whoever stops the stack waits for it.
    "NETSTACKS_WORKER_DRAIN_SECONDS": "0",
    "NETSTACKS_WORKER_END_SECONDS": str(_END_SECONDS),
}


class Worker:
    """A worker for one work pool."""

    def __init__(
        self,
        home: Path,
        *,
        api_url: str,
        pool: str,
        limit: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Describe it.

        Args:
            home: Prefect's home folder; made when missing.
            api_url: the Prefect API it asks for work.
            pool: its work pool, which exists.
            limit: flow runs at the same time.
            log: where it and the flow runs print.
            environment: more variables for it and for the flow runs.
        """
        self._home = home
        self._api_url = api_url
        self._pool = pool
        self._limit = limit
        self._log = log
        self._environment = dict(environment or {})
        self._began = datetime.now(UTC)
        self.name = f"{pool}-{socket.gethostname()}-{os.getpid()}"
        self.process: SupervisedProcess | None = None

    async def start(self) -> None:
        """Start it and wait until the server has heard from it.

        Raises:
            ConfigurationError: with the end of its log.
        """
        # Of our own: Prefect's names in the shared one collide with other users'.
        scratch = self._home / "tmp"
        await asyncio.to_thread(_make_empty, scratch)
        self._began = datetime.now(UTC)
        program = Program(
            name="The worker",
            argv=worker_command(self._pool, name=self.name, limit=self._limit),
            env=worker_environment(
                self._home, self._api_url, {"TMPDIR": str(scratch)} | _HASTE | self._environment
            ),
            log=self._log,
            ready=self._is_heard,
            start_timeout=90,
            advice="Look for the first error in its log; `netstacks doctor` checks the rest.",
            # It tells its flow runs to end and waits for them.
            stop_signals=(("SIGTERM", _END_SECONDS + 5.0),),
            cwd=self._home,
        )
        process = SupervisedProcess(program)
        await process.start()
        self.process = process

    async def stop(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            await process.stop()

    async def _is_heard(self) -> bool:
        """Whether the server got a heartbeat of this worker since its start."""
        # Imported here because Prefect reads its environment when it is imported.
        from netstacks_tasks.sync.prefect_errors import open_client, translated  # noqa: PLC0415

        try:
            async with open_client(self._api_url) as client, translated("list the workers"):
                workers = await client.read_workers_for_work_pool(self._pool)
        except SyncError:
            return False
        return any(
            worker.name == self.name
            and worker.last_heartbeat_time is not None
            and worker.last_heartbeat_time >= self._began
            for worker in workers
        )


def worker_command(pool: str, *, name: str, limit: int) -> list[str]:
    """What starts a worker of ours.

    Args:
        pool: its work pool.
        name: shown in Prefect; of two workers with one name, Prefect sees one.
        limit: flow runs at the same time.
    """
    return [
        sys.executable, "-P", "-m", "netstacks_tasks.embedded.prefect_program",
        "worker", "start", "--type", _TYPE,
        "--pool", pool, "--name", name, "--limit", str(limit), "--install-policy", "never",
    ]  # fmt: skip


def worker_environment(home: Path, api_url: str, more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker of ours, which its flow runs get too.

    Args:
        home: Prefect's home folder.
        api_url: the Prefect API it asks for work.
        more: more variables.
    """
    return prefect_environment(
        home,
        (_JSON_LOGS if more.get("NETSTACKS_LOG_FORMAT") == "json" else {})
        | {
            "PREFECT_API_URL": api_url,
            "PREFECT_WORKER_QUERY_SECONDS": str(_QUERY_SECONDS),
            "PREFECT_WORKER_PREFETCH_SECONDS": str(WORKER_PREFETCH_SECONDS),
            "PREFECT_WORKER_HEARTBEAT_SECONDS": "10",
        }
        | {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}
        | dict(more),
    )


def _make_empty(folder: Path) -> None:
    """Runs that were killed leave their folders there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
