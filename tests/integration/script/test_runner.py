"""Scripts as real processes: what they are given, what they cannot do, how they end."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from uuid import uuid4

import pytest

from netstacks_tasks.operations.script.isolation import (
    Isolation,
    interpreter_for,
    isolation_for,
)
from netstacks_tasks.operations.script.runner import run_script
from netstacks_tasks.operations.script.workspace import workspace

from .running import alive, ran


async def test_it_gets_its_files_and_arguments_and_no_other_variable(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "canary-of-the-worker")
    done = await ran(
        isolation,
        "import json, os, sys\n"
        "print(json.dumps(sorted(os.environ)))\n"
        "print(json.dumps(json.load(open(os.environ['NETSTACKS_DEVICES']))))\n"
        "print(json.load(open(os.environ['NETSTACKS_CREDENTIAL']))['username'])\n"
        "print(json.dumps(sys.argv[1:]))\n"
        "print(os.getcwd())\n",
        "one",
        "two words; $(id)",
    )
    assert done.end.exit_code == 0, done.end.stderr
    names, devices, username, arguments, folder = (line for _, line in done.lines)
    # bubblewrap says where it went; Python may say which locale it chose.
    assert set(json.loads(names)) - {"PWD", "LC_CTYPE"} == {
        "HOME",
        "LANG",
        "LOGNAME",
        "NETSTACKS_ARTIFACTS",
        "NETSTACKS_CREDENTIAL",
        "NETSTACKS_DEVICES",
        "NETSTACKS_KNOWN_HOSTS",
        "NETSTACKS_RESULTS",
        "PATH",
        "PYTHONUNBUFFERED",
        "TMPDIR",
        "USER",
    }
    assert json.loads(devices)[0]["name"] == "r1"
    assert username == "backup"
    assert json.loads(arguments) == ["one", "two words; $(id)"]
    assert folder == str(done.folder)


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may write to /opt")
async def test_the_workers_own_folders_are_empty_to_it_wherever_they_lie() -> None:
    folder = Path("/opt") / f"netstacks-test-{uuid4().hex}"
    key = folder.with_suffix(".key")
    isolation = isolation_for(uuid4(), hidden=[folder, key])
    if isolation.bubblewrap is None:
        pytest.skip("no bubblewrap works on this machine")
    folder.mkdir()
    try:
        (folder / "login").write_text("canary-login")
        key.write_text("canary-key")
        done = await ran(
            isolation,
            "import os, sys\n"
            "print(os.listdir(sys.argv[1]))\n"
            "try:\n    open(sys.argv[1] + '/new', 'w')\n"
            "except OSError as error:\n    print(error.strerror)\n"
            "try:\n    print(open(sys.argv[2]).read())\n"
            "except OSError as error:\n    print(error.strerror)\n",
            str(folder),
            str(key),
        )
    finally:
        key.unlink(missing_ok=True)
        (folder / "login").unlink(missing_ok=True)
        folder.rmdir()
    said = [line for _, line in done.lines]
    assert said == ["[]", "Read-only file system", "Permission denied"]


async def test_it_runs_as_nobody_else_when_the_worker_is_root(isolation: Isolation) -> None:
    if isolation.uid is None:
        pytest.skip("only root can become another user")
    done = await ran(isolation, "import os; print(os.getuid(), os.getgid(), os.getgroups())")
    assert done.lines == [("stdout", f"{isolation.uid} {isolation.uid} []")]


async def test_it_cannot_see_what_the_worker_was_given(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isolation.uid is None and isolation.bubblewrap is None:
        pytest.skip("the worker's own user, without walls: told in the run")
    done = await ran(isolation, f"print(open('/proc/{os.getpid()}/environ').read())")
    assert done.end.exit_code == 1
    assert "Error" in done.end.stderr


async def test_secrets_are_masked_also_those_of_several_lines(isolation: Isolation) -> None:
    done = await ran(
        isolation,
        "import json, os, sys\n"
        "found = json.load(open(os.environ['NETSTACKS_CREDENTIAL']))\n"
        "print('password', found['password'])\n"
        "print(found['private_key'], file=sys.stderr)\n",
    )
    assert ("stdout", "password <hidden>") in done.lines
    assert "canary" not in str(done.lines) + done.end.stdout + done.end.stderr


async def test_output_is_handed_on_as_it_appears(isolation: Isolation) -> None:
    times: list[float] = []
    with workspace(isolation.uid) as place:
        script = place.script("bash")
        place.write(script, "echo first\nsleep 2\necho second >&2\n")
        end = await run_script(
            [interpreter_for("bash", isolation), str(script)],
            place,
            isolation,
            seconds=20,
            said=lambda *_: times.append(time.monotonic()),
            redact=str,
            credential=False,
        )
    assert (end.stdout, end.stderr) == ("first", "second")
    assert times[1] - times[0] > 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sleep 600", id="waits"),
        pytest.param("trap '' TERM INT HUP; while :; do sleep 1; done", id="ignores SIGTERM"),
        pytest.param("(exec -a MARK sleep 600) & exec -a MARK sleep 600", id="forks"),
        pytest.param(
            "setsid sh -c 'setsid bash -c \"exec -a MARK sleep 600\" &' & wait; sleep 600",
            id="forks twice into sessions of their own",
        ),
    ],
)
async def test_the_time_limit_ends_the_whole_tree(isolation: Isolation, text: str) -> None:
    marker = f"mark-{uuid4().hex}"
    done = await ran(isolation, text.replace("MARK", marker), interpreter="bash", seconds=1)
    assert done.end.exit_code is None
    assert "still running after 1 seconds" in done.end.fault
    assert alive(marker) == []


async def test_what_it_leaves_behind_ends_with_it(isolation: Isolation) -> None:
    marker = f"mark-{uuid4().hex}"
    text = f"setsid bash -c 'trap \"\" TERM; exec -a {marker} sleep 600' & echo started"
    done = await ran(isolation, text, interpreter="bash")
    assert (done.end.exit_code, done.end.stdout) == (0, "started")
    assert alive(marker) == []


@pytest.mark.parametrize("times", [1, 3])
async def test_cancelled_it_leaves_nothing(isolation: Isolation, times: int) -> None:
    """A task group, and whoever waits for it, each cancel what they began."""
    marker = f"mark-{uuid4().hex}"
    working = asyncio.create_task(
        ran(isolation, f"trap '' TERM; exec -a {marker} sleep 600", interpreter="bash")
    )
    while not alive(marker):
        assert not working.done()
        await asyncio.sleep(0.05)
    for _ in range(times):
        working.cancel()
        await asyncio.sleep(0.01)
    with pytest.raises(asyncio.CancelledError):
        await working
    assert alive(marker) == []


async def test_one_that_fails_keeps_its_code_and_its_last_words(isolation: Isolation) -> None:
    done = await ran(isolation, "import sys; print('why', file=sys.stderr); sys.exit(7)")
    assert (done.end.exit_code, done.end.stderr) == (7, "why")
    assert done.end.fault == "it ended with exit code 7"
