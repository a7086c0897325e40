"""Scripts that do not behave: what they print, leave, break and hide."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netstacks_tasks.operations.script.isolation import Isolation
from netstacks_tasks.operations.script.runner import run_script
from netstacks_tasks.operations.script.workspace import remove_abandoned, workspace

from .running import ran


@pytest.mark.parametrize(
    ("interpreter", "text"),
    [
        ("bash", "\ufeff#!/bin/bash\r\nif true; then\r\n  echo fine\r\nfi\r\n"),
        ("python", "\ufeff#!/usr/bin/env python3\r\nif True:\r\n    print('fine')\r\n"),
    ],
)
async def test_a_script_from_another_editor_runs(
    isolation: Isolation, interpreter: str, text: str
) -> None:
    done = await ran(isolation, text, interpreter=interpreter)
    assert (done.end.exit_code, done.lines) == (0, [("stdout", "fine")])


async def test_what_is_no_text_is_printed_as_something(isolation: Isolation) -> None:
    text = "import os; os.write(1, b'caf\\xe9 \\x00 \\x1b[31mred\\n\\ttab\\r\\nlast')"
    done = await ran(isolation, text)
    assert [line for _, line in done.lines] == ["caf� � �[31mred", "\ttab", "last"]


async def test_of_an_endless_line_the_beginning_is_kept(isolation: Isolation) -> None:
    done = await ran(isolation, "import os\nfor _ in range(1000): os.write(1, b'x' * 1000)")
    assert done.end.exit_code == 0
    assert [line for _, line in done.lines] == ["x" * 8192 + "…"]


async def test_one_that_closes_its_output_is_waited_for(isolation: Isolation) -> None:
    done = await ran(isolation, "exec >&- 2>&-; sleep 1; exit 5", interpreter="bash")
    assert done.end.exit_code == 5


async def test_one_that_reads_its_input_finds_none(isolation: Isolation) -> None:
    done = await ran(isolation, "import sys; print(repr(sys.stdin.read()))")
    assert done.lines == [("stdout", "''")]


async def test_as_many_arguments_as_a_task_may_have_arrive(isolation: Isolation) -> None:
    arguments = ["\N{ROCKET}" * 4096] * 100
    text = "import sys; print(len(sys.argv), {len(one) for one in sys.argv[1:]})"
    done = await ran(isolation, text, *arguments)
    assert done.lines == [("stdout", "101 {4096}")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("cd /; rm -rf $HOME; mv $HOME $HOME.away", id="removes it"),
        pytest.param("chmod 000 artifacts tmp .", id="shuts it"),
        pytest.param("for n in {1..3000}; do mkdir d; cd d; done; chmod 000 .", id="digs"),
        pytest.param("mkfifo p; ln -s / l; touch -- -rf $'a\\nb' $'\\xff'", id="odd names"),
    ],
)
async def test_its_folder_goes_whatever_it_made_of_it(isolation: Isolation, text: str) -> None:
    done = await ran(isolation, text, interpreter="bash")
    assert not done.folder.parent.exists()


async def test_it_leaves_nothing_where_everybody_may_write(isolation: Isolation) -> None:
    if isolation.uid is None and isolation.bubblewrap is None:
        pytest.skip("its user's other files cannot be told from its own")
    name = f"netstacks-left-{os.getpid()}"
    text = f"for d in /tmp /var/tmp /dev/shm; do mkdir -p $d/{name}/e; echo x > $d/{name}.x; done"
    await ran(isolation, text, interpreter="bash")
    places = [Path("/", part) for part in ("tmp", "var/tmp", "dev/shm")]
    assert [found for place in places for found in place.glob(f"{name}*")] == []


async def test_plain_files_are_kept_and_nothing_else(isolation: Isolation, tmp_path: Path) -> None:
    text = (
        "cd artifacts; mkdir deep; echo kept > deep/report.txt; echo x > $'odd\\nname'\n"
        "ln -s /etc/passwd link; mkfifo pipe; ln -s /etc folder; echo y > one; ln one two\n"
        "truncate -s 60M sparse; cp $NETSTACKS_CREDENTIAL copy.json\n"
        "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")'\n"
    )
    kept = tmp_path / "kept"
    done = await ran(isolation, text, interpreter="bash", keep=kept)
    assert done.end.exit_code == 0, done.end.stderr
    files = {str(path.relative_to(kept)): path for path in kept.rglob("*") if path.is_file()}
    assert set(files) == {"deep/report.txt", "odd�name"}
    assert files["deep/report.txt"].read_text() == "kept\n"
    assert {path.stat().st_mode & 0o077 for path in (kept, *files.values())} == {0}
    assert done.artifacts.left_out == [
        "copy.json: holds a secret of the credential",
        "folder: not a plain file",
        "link: not a plain file",
        "one: not a plain file of the script's own",
        "pipe: not a plain file",
        "socket: not a plain file",
        "sparse: more than 50 MB in all",
        "two: not a plain file of the script's own",
    ]


async def test_a_link_in_place_of_the_artifacts_is_not_followed(
    isolation: Isolation, tmp_path: Path
) -> None:
    text = "rmdir artifacts; ln -s /etc artifacts"
    done = await ran(isolation, text, interpreter="bash", keep=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
    assert done.artifacts.left_out == ["artifacts: is no folder that can be read: Not a directory"]


async def test_a_store_that_takes_no_file_is_named_with_the_fix(
    isolation: Isolation, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("a file where a folder should be")
    done = await ran(isolation, "open('artifacts/a', 'w')", keep=tmp_path / "kept")
    assert done.artifacts.fault == (
        f"its artifacts could not be kept in {tmp_path / 'kept'}: File exists; give the "
        "worker's user the right to write there, and space"
    )


async def test_what_cannot_be_started_is_told(isolation: Isolation) -> None:
    with workspace(isolation.uid) as place:
        end = await run_script(
            ["/nowhere/python"], place, isolation, seconds=20, said=lambda *_: None,
            redact=str, credential=False,
        )  # fmt: skip
    assert end.exit_code
    assert "/nowhere/python" in end.stderr
    assert "No such file or directory" in end.stderr


_STARTER = """
import asyncio, sys
from uuid import uuid4
from netstacks_tasks.operations.script.isolation import isolation_for
from netstacks_tasks.operations.script.runner import run_script
from netstacks_tasks.operations.script.workspace import workspace

async def main():
    isolation = isolation_for(uuid4())
    with workspace(isolation.uid) as place:
        place.write(place.credential, "{}")
        text = "dirname $PWD; exec sleep " + sys.argv[1]
        await run_script(["/bin/sh", "-c", text], place, isolation, seconds=600,
            said=lambda _, line: print(line, flush=True), redact=str, credential=True)
        print("ended", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("ended", [False, True])
def test_a_killed_worker_leaves_no_credential(public_tmp: Path, *, ended: bool) -> None:
    """A running script's guard removes the folder; behind one that ended, the next start does."""
    seconds = "0" if ended else "600"
    with subprocess.Popen(
        [sys.executable, "-c", _STARTER, seconds],
        stdout=subprocess.PIPE,
        text=True,
        # In the machine's own any script that begins sweeps up after those that are gone.
        env={**os.environ, "TMPDIR": str(public_tmp)},
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        if ended:
            assert process.stdout.readline() == "ended\n"
        remove_abandoned(folder.parent)
        assert (folder / "work" / "credential.json").exists()
        process.kill()
        process.wait()
    if ended:
        assert folder.exists()
        remove_abandoned(folder.parent)
    deadline = time.monotonic() + 30
    while folder.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
