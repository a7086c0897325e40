"""Executes flow runs in processes that need not import anything first.

A worker starts a fresh interpreter for each run, which imports for seconds what
the run then uses for a fraction of one. Here a process imports it once and forks
a child for every run; the child then does what `python -m prefect.engine` does,
in the environment it is given. It is the program of this file too:

    python -m tests.integration.flows.warm_engine SOCKET
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

FLOWS = ("agent_task", "backup", "custom_script", "deployment", "health_check")


@dataclass(frozen=True, slots=True)
class Child:
    """A process that executes a flow run."""

    pid: int
    _answers: asyncio.StreamReader

    async def wait(self) -> int:
        """Its exit code once it has ended; negative: the signal that ended it."""
        return int(await self._answers.readline())


@dataclass(frozen=True, slots=True)
class WarmEngine:
    """The forking process, as its clients see it."""

    address: Path

    @asynccontextmanager
    async def started(self, environment: Mapping[str, str], log: Path) -> AsyncIterator[Child]:
        """A child at work, which prints to a file."""
        reader, writer = await asyncio.open_unix_connection(str(self.address))
        try:
            wanted = {"environment": dict(environment), "log": str(log)}
            writer.write(json.dumps(wanted).encode() + b"\n")
            yield Child(int(await reader.readline()), reader)
        finally:
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def warm_engine(address: Path) -> AsyncIterator[WarmEngine]:
    """Start the forking process; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, str(address)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
        yield WarmEngine(address)
    finally:
        process.stdin.close()
        await process.wait()


def main(address: str) -> None:
    """Serve until standard input is closed."""
    _import_everything()
    # A child would lack the other threads, and whatever they were to finish.
    assert threading.active_count() == 1
    # Nobody waits for those who attend to a client.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
            connection, _ = listening.accept()
            if os.fork() == 0:
                break
            connection.close()
        else:
            return
    _attend(connection)


def _attend(connection: socket.socket) -> None:
    """Serve one client, in a process of its own; returns only in the flow run's."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with connection.makefile() as lines:
        wanted = json.loads(lines.readline())
    child = os.fork()
    if child == 0:
        connection.close()
        _execute(wanted["environment"], wanted["log"])
        return
    connection.sendall(f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _import_everything() -> None:
    for name in ("prefect.flow_engine", "prefect._internal.metrics"):
        importlib.import_module(name)
    for name in FLOWS:
        importlib.import_module(f"flows.{name}")
    # They read the environment of the run when they are imported.
    for name in [name for name in sys.modules if name.split(".")[0] == "flows"]:
        del sys.modules[name]


def _execute(environment: Mapping[str, str], log: str) -> None:
    """Do what `python -m prefect.engine` does; ends by SystemExit, as that does."""
    from prefect.context import refresh_global_settings_context

    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(environment)
    refresh_global_settings_context()
    sys.argv[1:] = []
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1])
