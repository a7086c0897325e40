"""Flows that do one thing each, for workers to run."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import FlowRun, State

from netstacks_tasks.models.schedule import timezones


def _tell(name: str, **what: object) -> None:
    """Leave word where the test that started the run looks."""
    target = Path(os.environ["TOLD"]) / name
    target.with_suffix(".new").write_text(json.dumps(what))
    target.with_suffix(".new").rename(target)


def _told_to_end(flow: object, flow_run: FlowRun, state: State) -> None:
    _tell(f"hook-{flow_run.id}", pid=os.getpid(), parent=os.getppid(), state=state.name)


@flow(persist_result=False)
def look(mark: str) -> None:
    """Say where and how this process runs."""
    _tell(
        mark,
        pid=os.getpid(),
        parent=os.getppid(),
        group=os.getpgrp(),
        directory=str(Path.cwd()),
        in_it=[str(path) for path in Path.cwd().iterdir()],
        clock=time.strftime("%Z", time.localtime(0)),
        environment=dict(os.environ),
        readable=sorted(int(path.name) for path in Path("/proc/self/fd").iterdir()),
        core=Path("/proc/self/limits").read_text(),
        dumpable=ctypes.CDLL(None).prctl(3, 0, 0, 0, 0),
        zones_are_read=bool(timezones.cache_info().currsize),
    )


@flow(persist_result=False)
def leave(code: int) -> None:
    """End without a word to Prefect."""
    os._exit(code)


@flow(persist_result=False, on_crashed=[_told_to_end])
def die() -> None:
    """Be killed."""
    os.kill(os.getpid(), signal.SIGKILL)


@flow(persist_result=False)
def allocate(mib: int) -> None:
    """Want memory."""
    bytearray(mib * 1024 * 1024)


@flow(persist_result=False, on_cancellation=[_told_to_end])
def linger(mark: str, seconds: float, until: str = "") -> None:
    """Stay, with a child of its own; or until there is a file."""
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
    _tell(mark, pid=os.getpid(), child=child.pid)
    for _ in range(round(seconds * 20)):
        if until and (Path(os.environ["TOLD"]) / until).exists():
            break
        time.sleep(0.05)
    child.kill()
    child.wait()


@flow(persist_result=False)
def linger_once(mark: str) -> None:
    """Stay for long the first time."""
    again = (Path(os.environ["TOLD"]) / f"{mark}-1").exists()
    _tell(f"{mark}-{1 + again}", pid=os.getpid())
    time.sleep(0 if again else 300)
