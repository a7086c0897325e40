"""Scripts that use too much: each is told what of, and by which setting."""

from __future__ import annotations

import pytest

from netstacks_tasks.operations.script.isolation import Isolation
from netstacks_tasks.operations.script.limits import ScriptLimits

from .running import ran

SMALL = ScriptLimits(
    cpu_seconds=1, memory_mib=64, open_files=32, processes=24, disk_mib=2, output_kib=100
)
_NESTED = "import os, time\nfor _ in range(200): os.mkdir('d'); os.chdir('d')\ntime.sleep(60)"
_UNLINKED = """
import os, time
files = []
for number in range(4):
    files.append(open("gone", "wb"))
    os.unlink("gone")
    files[-1].write(bytes(1_500_000))
    files[-1].flush()
time.sleep(60)
"""
_SHARED_MEMORY = """
import mmap, time
held = mmap.mmap(-1, 100_000_000)
for place in range(0, len(held), 4096):
    held[place] = 1
time.sleep(60)
"""
_TOGETHER = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        break
held = bytearray(os.urandom(1)) * 30_000_000
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            "import os\nos.fork()\nwhile True: pass",
            "it used more than 1 s of CPU (max_cpu_seconds), and was ended",
            id="CPU of two processes",
        ),
        pytest.param(
            _SHARED_MEMORY,
            "it used more than 64 MiB of memory (max_memory_mib), and was ended",
            id="shared memory",
        ),
        pytest.param(
            _TOGETHER,
            "it used more than 64 MiB of memory (max_memory_mib), and was ended",
            id="memory of five processes",
        ),
        pytest.param(
            "import time\n"
            "for n in range(40): open(f'part{n}', 'wb').write(bytes(100_000))\n"
            "time.sleep(60)",
            "its files hold more than 2 MiB (max_disk_mib), and was ended",
            id="disk",
        ),
        pytest.param(
            _UNLINKED,
            "its files hold more than 2 MiB (max_disk_mib), and was ended",
            id="files without a name",
        ),
        pytest.param(
            _NESTED, "its folder holds folders nested deeper than 40, and was ended", id="depth"
        ),
        pytest.param(
            "while True: print('y' * 1000)",
            "it printed more than 100 KiB (max_output_kib), and was ended",
            id="output",
        ),
    ],
)
async def test_it_is_ended_with_the_reason(isolation: Isolation, text: str, told: str) -> None:
    done = await ran(isolation, text, limits=SMALL, seconds=30)
    assert (done.end.exit_code, done.end.fault) == (None, told)
    assert sum(len(line) for _, line in done.lines) <= 100 * 1024


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            "x = bytearray(2_000_000_000)",
            "it may have run out of its 64 MiB of memory (max_memory_mib)",
            id="memory",
        ),
        pytest.param(
            "open('big', 'wb').write(bytes(3_000_000))",
            "it may have written a file of 2 MiB (max_disk_mib)",
            id="one large file",
        ),
        pytest.param(
            "files = [open('/dev/null') for _ in range(1000)]",
            "it may have had its 32 files open (max_open_files)",
            id="open files",
        ),
    ],
)
async def test_a_call_that_fails_for_a_limit_is_told_as_such(
    isolation: Isolation, text: str, told: str
) -> None:
    done = await ran(isolation, text, limits=SMALL)
    assert done.end.exit_code == 1
    assert done.end.fault == f"it ended with exit code 1; {told}"


@pytest.mark.parametrize("interpreter", ["python", "bash"])
async def test_the_least_a_task_may_allow_is_enough_to_start(
    isolation: Isolation, interpreter: str
) -> None:
    least = ScriptLimits(
        cpu_seconds=1, memory_mib=32, open_files=16, processes=8, disk_mib=1, output_kib=1
    )
    text = {"python": "import json, subprocess; print(subprocess.run('true').returncode)"}
    done = await ran(
        isolation, text.get(interpreter, "ls | wc -l"), interpreter=interpreter, limits=least
    )
    assert (done.end.fault, done.end.stderr) == ("", "")


async def test_it_has_so_many_processes_and_threads(isolation: Isolation) -> None:
    text = """
import threading, time
for _ in range(100):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
time.sleep(60)
"""
    done = await ran(isolation, text, limits=SMALL, seconds=30)
    # The kernel refuses where it has a user of its own; else it is seen, and ended.
    assert "24 processes and threads (max_processes)" in done.end.fault


async def test_a_file_of_a_shell_beyond_the_limit_is_told(isolation: Isolation) -> None:
    text = "exec head -c 3000000 /dev/zero > big"
    done = await ran(isolation, text, interpreter="bash", limits=SMALL)
    assert done.end.fault == "it wrote a file of more than 2 MiB (max_disk_mib)"
