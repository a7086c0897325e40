"""Scripts as real processes: what they are given, what they cannot do, how they end."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.operations.script.isolation import (
    Isolation,
    interpreter_for,
    isolation_for,
)
from netstacks_tasks.operations.script.runner import ScriptEnd, ScriptLimits, run_script
from netstacks_tasks.operations.script.workspace import (
    credential_document,
    devices_document,
    keep_artifacts,
    workspace,
)

KEY = "-----BEGIN KEY-----\ncanary-line-one\ncanary-line-two\n-----END KEY-----\n"
CREDENTIAL = DeviceCredential(
    username="backup", password=SecretStr("canary-password"), private_key=SecretStr(KEY)
)
DEVICE = Device(id=DeviceId(uuid4()), name="r1", host="127.0.0.1", port=22, platform="frr")


@pytest.fixture(params=["strongest", "no bubblewrap"])
def isolation(request: pytest.FixtureRequest) -> Isolation:
    found = isolation_for(uuid4())
    if request.param == "strongest":
        if found.bubblewrap is None:
            pytest.skip("no bubblewrap works on this machine")
        return found
    return Isolation(uid=found.uid, bubblewrap=None)


class Ran:
    """A script's end, its lines, and what was kept."""

    def __init__(self, end: ScriptEnd, lines: list[tuple[str, str]], folder: Path) -> None:
        self.end = end
        self.lines = lines
        self.folder = folder


async def ran(
    isolation: Isolation,
    text: str,
    *arguments: str,
    interpreter: str = "python",
    seconds: float = 20,
    limits: ScriptLimits | None = None,
    keep: Path | None = None,
) -> Ran:
    redactor = Redactor()
    redactor.learn(CREDENTIAL)
    lines: list[tuple[str, str]] = []
    with workspace(isolation.uid) as place:
        script = place.script(interpreter)
        place.write(script, text)
        place.write(place.devices, devices_document([DEVICE]))
        place.write(place.credential, credential_document(CREDENTIAL))
        end = await run_script(
            [interpreter_for(interpreter, isolation), str(script), *arguments],
            place,
            isolation,
            seconds=seconds,
            said=lambda stream, line: lines.append((stream, line)),
            redact=redactor,
            credential=True,
            limits=limits,
        )
        if keep is not None:
            keep_artifacts(place, keep)
    assert not place.folder.exists()
    return Ran(end, lines, place.folder)


def alive(marker: str) -> list[int]:
    """Processes that were started under a name."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue  # it ended meanwhile
        if words[0] == marker.encode():
            found.append(int(entry.parent.name))
    return found


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
        "NETSTACKS_ARTIFACTS",
        "NETSTACKS_CREDENTIAL",
        "NETSTACKS_DEVICES",
        "PATH",
        "PYTHONUNBUFFERED",
        "TMPDIR",
    }
    assert json.loads(devices)[0]["name"] == "r1"
    assert username == "backup"
    assert json.loads(arguments) == ["one", "two words; $(id)"]
    assert folder == str(done.folder)


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


async def test_cancelled_it_leaves_nothing(isolation: Isolation) -> None:
    marker = f"mark-{uuid4().hex}"
    working = asyncio.create_task(
        ran(isolation, f"trap '' TERM; exec -a {marker} sleep 600", interpreter="bash")
    )
    while not alive(marker):
        assert not working.done()
        await asyncio.sleep(0.05)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert alive(marker) == []


async def test_one_that_fails_keeps_its_code_and_its_last_words(isolation: Isolation) -> None:
    done = await ran(isolation, "import sys; print('why', file=sys.stderr); sys.exit(7)")
    assert (done.end.exit_code, done.end.stderr, done.end.fault) == (7, "why", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = bytearray(2_000_000_000)", "MemoryError"),
        ("open('big', 'wb').write(bytes(100_000_000))", "File too large"),
        ("files = [open('/dev/null') for _ in range(1000)]", "Too many open files"),
    ],
)
async def test_it_may_use_so_much(isolation: Isolation, text: str, said: str) -> None:
    done = await ran(isolation, text)
    assert done.end.exit_code == 1
    assert said in done.end.stderr


async def test_one_that_floods_is_ended(isolation: Isolation) -> None:
    limits = ScriptLimits(output_bytes=100_000)
    done = await ran(isolation, "yes", interpreter="bash", limits=limits)
    assert "printed more than 100000 bytes" in done.end.fault
    assert sum(len(line) for _, line in done.lines) <= 100_000


async def test_artifacts_are_kept_and_links_are_not(isolation: Isolation, tmp_path: Path) -> None:
    text = (
        "mkdir artifacts/deep; echo kept > artifacts/deep/report.txt\n"
        "ln -s /etc/passwd artifacts/link; mkfifo artifacts/pipe; ln -s /etc artifacts/folder\n"
    )
    kept = tmp_path / "kept"
    done = await ran(isolation, text, interpreter="bash", keep=kept)
    assert done.end.exit_code == 0, done.end.stderr
    assert [path.relative_to(kept) for path in kept.rglob("*") if path.is_file()] == [
        Path("deep/report.txt")
    ]
    assert (kept / "deep/report.txt").read_text() == "kept\n"
