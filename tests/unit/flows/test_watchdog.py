from __future__ import annotations

import signal
import subprocess
import sys
from uuid import uuid4

import pytest

from flows import _watchdog

HANGS = {
    "a blocked thread": "import time; time.sleep(600)",
    "a call that keeps the interpreter": "import re; re.match('(a+)+$', 'a' * 64 + 'b')",
}


def run(body: str, *, after: float = 0.5, backstop: float = 60) -> subprocess.CompletedProcess[str]:
    program = (
        "from flows import _watchdog\n"
        "import subprocess, sys\n"
        f"_watchdog._BACKSTOP_SECONDS = {backstop}\n"
        "child = subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL, stderr=-3)\n"
        "print(child.pid, flush=True)\n"
        f"with _watchdog.killing_after({after}):\n"
        f"    {body}\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_blocked_process_is_killed_with_its_children() -> None:
    ended = run(HANGS["a blocked thread"])
    assert ended.returncode == -signal.SIGKILL
    assert not is_running(int(ended.stdout))


def test_a_process_that_keeps_the_interpreter_ends_too() -> None:
    ended = run(HANGS["a call that keeps the interpreter"], backstop=0.5)
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
    subprocess.run(["kill", ended.stdout.strip()], check=True)


def test_a_block_that_ends_in_time_is_left_alone() -> None:
    ended = run("child.kill(); child.wait()", after=60)
    assert ended.returncode == 0


def test_a_process_that_is_not_the_runs_own_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = uuid4()
    monkeypatch.delenv("PREFECT__FLOW_RUN_ID", raising=False)
    assert not _watchdog.owns_process(run_id)
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", str(run_id))
    assert _watchdog.owns_process(run_id)
