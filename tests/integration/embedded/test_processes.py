from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from netstacks_tasks.embedded import connection
from netstacks_tasks.embedded.connection import Connection, StackLock, running_stack
from netstacks_tasks.embedded.interruption import Interrupted, interruptible
from netstacks_tasks.embedded.processes import Program, SupervisedProcess
from netstacks_tasks.errors import ConfigurationError


def program(folder: Path, code: str, *, timeout: float = 30) -> Program:
    """Ready as soon as it has made the file `ready`."""

    async def ready() -> bool:
        return (folder / "ready").exists()

    return Program(
        name="The program",
        argv=[sys.executable, "-c", code],
        env=dict(os.environ),
        log=folder / "log",
        ready=ready,
        start_timeout=timeout,
        advice="Mend the program.",
        cwd=folder,
    )


def pid_of(process: SupervisedProcess) -> int | None:
    return process.pid


_READY = "open('ready', 'w').close(); import time; time.sleep(600)"


async def test_what_ends_at_its_start_shows_its_log_and_the_advice(tmp_path: Path) -> None:
    process = SupervisedProcess(program(tmp_path, "import sys; sys.exit('the disk is full')"))
    with pytest.raises(ConfigurationError) as raised:
        await process.start()
    assert "ended at once" in str(raised.value)
    assert "Mend the program." in str(raised.value)
    assert "the disk is full" in str(raised.value)


async def test_what_never_gets_ready_is_stopped(tmp_path: Path) -> None:
    process = SupervisedProcess(program(tmp_path, "import time; time.sleep(600)", timeout=1))
    starting = asyncio.create_task(process.start())
    while (pid := pid_of(process)) is None:  # noqa: ASYNC110 - nothing else tells
        await asyncio.sleep(0.01)
    with pytest.raises(ConfigurationError, match="not ready after 1 s"):
        await starting
    assert pid_of(process) is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_cancelled_start_leaves_nothing(tmp_path: Path) -> None:
    process = SupervisedProcess(program(tmp_path, "import time; time.sleep(600)"))
    starting = asyncio.create_task(process.start())
    while process.pid is None:  # noqa: ASYNC110 - nothing else tells
        await asyncio.sleep(0.01)
    pid = process.pid
    starting.cancel()
    await asyncio.wait([starting])
    assert starting.cancelled()
    assert not (Path("/proc") / str(pid)).exists()


async def test_what_dies_is_started_again_until_it_is_stopped(tmp_path: Path) -> None:
    process = SupervisedProcess(program(tmp_path, _READY))
    await process.start()
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    while not process.restarts or pid_of(process) is None:  # noqa: ASYNC110 - nothing else tells
        await asyncio.sleep(0.01)
    second = pid_of(process)
    assert second != first
    await process.stop()
    assert process.pid is None
    assert not (Path("/proc") / str(second)).exists()


async def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netstacks_tasks.embedded.processes.LOG_BYTES_KEPT", 10)
    (tmp_path / "log").write_text("what an earlier start printed")
    process = SupervisedProcess(program(tmp_path, _READY))
    await process.start()
    await process.stop()
    assert (tmp_path / "log.1").read_text() == "what an earlier start printed"
    assert (tmp_path / "log").read_text() == ""


async def test_the_first_signal_cleans_up_and_the_second_does_not_wait() -> None:
    happened: list[str] = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(600)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.05)
            happened.append("cleaned up")

    with pytest.raises(Interrupted) as raised:
        await interruptible(work(), again=lambda: happened.append("again"), say=happened.append)
    assert raised.value.exit_code == 128 + signal.SIGTERM
    assert happened == [
        "Stopping; press Ctrl-C again to stop at once.",
        "again",
        "cleaned up",
    ]


def test_a_running_stack_is_found_and_a_dead_one_is_not(tmp_path: Path) -> None:
    shown = Connection(
        database_url="postgresql://u:hidden@h/d",
        prefect_api_url="http://p",
        prefect_auth_string="user:concealed",
        work_pool="mine",
        pid=1,
    )
    assert running_stack(tmp_path) is None
    lock = StackLock(tmp_path)
    lock.take()
    connection.announce(tmp_path, shown)
    assert running_stack(tmp_path) == shown
    assert "hidden" not in repr(shown)
    assert "concealed" not in repr(shown)
    with pytest.raises(ConfigurationError, match="pid 1, Prefect at http://p"):
        StackLock(tmp_path).take()
    lock.release()
    assert running_stack(tmp_path) is None
    (tmp_path / "connection.json").write_text("{half")
    lock.take()
    assert running_stack(tmp_path) is None
    lock.release()


def test_the_lock_goes_with_its_holder(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from netstacks_tasks.embedded.connection import StackLock; "
        "StackLock(Path(sys.argv[1])).take(); print('taken', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"taken\n"
        with pytest.raises(ConfigurationError, match="running or starting already"):
            StackLock(tmp_path).take()
        holder.kill()
        holder.wait()
    lock = StackLock(tmp_path)
    lock.take()
    lock.release()
