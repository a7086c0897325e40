"""The promise of the guard: nothing of a program outlives whoever started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from netstacks_tasks import guard

# Starts a grandchild in a session of its own, writes its pid, then sleeps.
_FAMILY = (
    "import subprocess, sys, time; "
    "p = subprocess.Popen([sys.executable, '-c', {grandchild!r}], start_new_session=True); "
    "open({file!r}, 'w').write(str(p.pid)); "
    "time.sleep(600)"
)
_SLEEPS = "import time; time.sleep(600)"
_STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def start_guard(argv: list[str], grace: float = 5.0) -> subprocess.Popen[bytes]:
    document = {"argv": argv, "signals": [["SIGTERM", grace]]}
    return subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__, json.dumps(document)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def first_line(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def runs(pid: int) -> bool:
    """Whether the process lives; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def family(tmp_path: Path, grandchild: str) -> tuple[subprocess.Popen[bytes], int, int]:
    note = tmp_path / "grandchild"
    process = start_guard(python(_FAMILY.format(grandchild=grandchild, file=str(note))))
    child = first_line(process)
    eventually(lambda: note.exists() and note.read_text() != "")
    return process, child, int(note.read_text())


def close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()


@pytest.mark.parametrize("grandchild", [_SLEEPS, _STUBBORN])
def test_a_closed_pipe_ends_the_program_and_all_it_started(tmp_path: Path, grandchild: str) -> None:
    process, child, orphan = family(tmp_path, grandchild)
    assert process.stdin is not None
    process.stdin.close()
    process.wait(timeout=30)
    assert not runs(child)
    assert not runs(orphan)
    close(process)


def test_a_killed_program_leaves_no_orphan(tmp_path: Path) -> None:
    process, child, orphan = family(tmp_path, _SLEEPS)
    os.kill(child, signal.SIGKILL)
    assert process.wait(timeout=30) == 128 + signal.SIGKILL
    assert not runs(orphan)
    close(process)


def test_a_killed_guard_takes_the_program_with_it() -> None:
    process = start_guard(python(_SLEEPS))
    child = first_line(process)
    process.kill()
    process.wait(timeout=30)
    eventually(lambda: not runs(child))
    close(process)


def test_a_program_deaf_to_its_signal_is_killed() -> None:
    stubborn = _STUBBORN.replace("time.sleep", "print(1, flush=True); time.sleep")
    process = start_guard(python(stubborn), grace=0.2)
    child = first_line(process)
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 128 + signal.SIGKILL
    assert not runs(child)
    close(process)


def test_the_exit_code_and_the_output_come_through() -> None:
    process = start_guard(python("import sys; print('to out'); sys.exit(7)"))
    first_line(process)
    assert process.stderr is not None
    assert process.stderr.read() == b"to out\n"
    assert process.wait(timeout=30) == 7
    close(process)


def test_a_program_that_is_not_there_is_named() -> None:
    process = start_guard(["/nowhere/at all"])
    assert process.stderr is not None
    assert b"cannot start /nowhere/at all" in process.stderr.read()
    assert process.wait(timeout=30) == 127
    close(process)


def test_ctrl_c_of_the_terminal_does_not_reach_the_program() -> None:
    process = start_guard(python(_SLEEPS))
    child = first_line(process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGHUP)
    assert runs(child)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=30) == 128 + signal.SIGTERM
    close(process)
