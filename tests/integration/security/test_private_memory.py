"""What our programs hold in memory stays there: no dump when they crash, no look from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from netstacks_tasks import guard, private_memory
from netstacks_tasks.embedded import prefect_program

CANARY: Final = "canary-in-memory"
UID: Final = 61000
"""Nobody's; outside the range of the scripts' own users."""

_DUMPS: Final = ("sh", "-c", 'ulimit -S -c "$(ulimit -H -c)"; exec "$@"', "sh")
"""Starts what follows with its dumps allowed, as far as this process may allow them."""
_ABORT: Final = "held = 'canary-in-' + 'memory' * len('x'); import os; os.abort()"
_CRASHES: Final = {
    "the command": f"""
from netstacks_tasks.cli import main
def execute(arguments): exec({_ABORT!r})
main.execute = execute
main.main()
""",
    "the Prefect server and the worker": f"""
import runpy
of_ours = runpy.run_path
def prefect(*given, **named): exec({_ABORT!r})
runpy.run_module = prefect
of_ours({prefect_program.__file__!r}, run_name="__main__")
""",
    "the saving of blocks": f"""
import blocks.__main__ as program
class Documents:
    def parse(text): exec({_ABORT!r})
program.BlockDocuments = Documents
program.main()
""",
    "the warm parent": f"""
from netstacks_tasks.worker import flow_modules, warm_parent
def installed(): exec({_ABORT!r})
warm_parent._NEEDED = ()
flow_modules.installed = installed
warm_parent.main(1)
""",
}


def crashed(code: str, folder: Path) -> list[Path]:
    """The dumps that a program leaves in its folder, where the kernel would write them."""
    done = subprocess.run(
        [*_DUMPS, sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -6, done.stderr
    return list(folder.iterdir())


@pytest.fixture
def dumping(tmp_path: Path) -> Path:
    """A folder of a machine that does write dumps, as a crash there without us shows."""
    before = tmp_path / "before"
    before.mkdir()
    found = crashed(_ABORT, before)
    if not found:
        pytest.skip("this machine writes no dumps into the folder of the program")
    assert CANARY.encode() in found[0].read_bytes()
    found[0].unlink()
    folder = tmp_path / "crash"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("program", _CRASHES)
def test_a_crash_leaves_no_memory_behind(program: str, dumping: Path) -> None:
    assert crashed(_CRASHES[program], dumping) == []


def test_neither_does_a_crash_where_the_kernel_heeds_no_limit(dumping: Path) -> None:
    """It heeds none when it hands its dumps to a program."""
    code = f"from netstacks_tasks import private_memory as p; p._set_dumpable(0); {_ABORT}"
    assert crashed(code, dumping) == []


def test_nothing_that_a_guard_starts_leaves_its_memory(dumping: Path) -> None:
    plan = f'{{"argv": ["{sys.executable}", "-c", "{_ABORT}"], "signals": [["SIGTERM", 1]]}}'
    with subprocess.Popen(
        [*_DUMPS, sys.executable, "-I", "-S", guard.__file__, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=dumping,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(plan.encode() + b"\n")
        process.stdin.flush()
        assert process.wait(60) == 128 + 6
    assert list(dumping.iterdir()) == []


@pytest.mark.parametrize("kept", [True, False])
def test_another_process_of_the_same_user_reads_neither_memory_nor_environment(
    kept: bool,
) -> None:
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = {"user": UID, "group": UID, "extra_groups": ()}
    source = Path(private_memory.__file__).read_text()
    # As text: an unprivileged user may be kept from entering our folder.
    holder = (
        f"import sys, time; exec({source!r}, {{'__name__': 'x'}})\n"
        if not kept
        else f"import sys, time; names = {{'__name__': 'x'}}; exec({source!r}, names)\n"
        "names['keep']()\n"
    ) + "print(flush=True); sys.stdin.read()"
    reader = (
        "import sys\n"
        "for name in ('environ', 'mem', 'maps'):\n"
        "    try: open(f'/proc/{sys.argv[1]}/{name}', 'rb').close(); print(name)\n"
        "    except PermissionError: pass\n"
    )
    python = "/usr/bin/python3"
    if not Path(python).exists():
        pytest.skip("no Python that every user may start")
    with subprocess.Popen(
        [python, "-c", holder],
        cwd="/",
        env={"SECRET": CANARY},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **account,
    ) as held:
        assert held.stdout is not None
        held.stdout.readline()
        seen = subprocess.run(
            [python, "-c", reader, str(held.pid)],
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
            **account,
        )
        held.communicate(b"")
    assert seen.stdout.split() == ([] if kept else ["environ", "mem", "maps"])
