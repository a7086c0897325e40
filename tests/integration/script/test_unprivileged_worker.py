"""A worker that is not root: what its scripts see of its home and of itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import netstacks_tasks
from netstacks_tasks.operations.script.isolation import SEARCH_PATH, Isolation, interpreter_for

_UID = 61000
"""Nobody's; outside the range of the scripts' own users."""

_WORKER = """
import asyncio, json, os, sys
from uuid import uuid4
from netstacks_tasks.operations.script.isolation import interpreter_for, isolation_for
from netstacks_tasks.operations.script.runner import run_script
from netstacks_tasks.operations.script.workspace import workspace

SCRIPT = '''
import json, os, sys
def seen(path):
    try:
        return open(path).read()
    except OSError as error:
        return type(error).__name__
def kept(path):
    try:
        return bool(open(path, "w").write("x"))
    except OSError:
        return False
try:
    import of_the_worker
except ImportError:
    of_the_worker = None
pid, home = sys.argv[1:]
print(json.dumps({
    "worker": seen(f"/proc/{pid}/environ"), "home": seen(f"{home}/secret"),
    "config": seen(f"{home}/configs/r1.cfg"), "mine": kept("tmp/x") and kept("/tmp/y"),
    "writes": [path for path in ("/x", "/etc/x", "/usr/x", "/dev/x") if kept(path)],
    "into the home": kept(f"{home}/x"),
    "packages": of_the_worker is not None,
    "processes": sum(name.isdigit() for name in os.listdir("/proc")),
}))
'''

async def main():
    isolation = isolation_for(uuid4())
    with workspace(isolation.uid) as place:
        script = place.script("python")
        place.write(script, SCRIPT)
        python = interpreter_for("python", isolation)
        end = await run_script(
            [python, str(script), str(os.getpid()), os.environ["HOME"]],
            place, isolation, seconds=20, said=lambda *_: None, redact=str, credential=False,
        )
    told = {"isolation": str(isolation), "end": end.fault + end.stderr, "out": end.stdout}
    print(json.dumps(told))

asyncio.run(main())
"""


@pytest.fixture
def account() -> dict[str, Any]:
    """The keywords that start a process as somebody unprivileged."""
    if os.geteuid() != 0:
        return {}
    return {"user": _UID, "group": _UID, "extra_groups": ()}


@pytest.fixture
def python(account: dict[str, Any]) -> str:
    """A Python of this one's version that an unprivileged user may start."""
    if not account:
        return sys.executable
    found = interpreter_for("python", Isolation(uid=_UID, bubblewrap=None))
    version = subprocess.run([found, "-V"], capture_output=True, text=True, check=True).stdout
    if version.split()[1].split(".")[:2] != [str(part) for part in sys.version_info[:2]]:
        pytest.skip("the Python of other users has another version: it has not our packages")
    return found


def test_its_home_and_its_environment_stay_hidden_and_its_packages_are_there(
    account: dict[str, Any], python: str, public_tmp: Path
) -> None:
    home = public_tmp / f"home-{uuid4().hex}"
    (home / "configs").mkdir(parents=True)
    (home / "secret").write_text("canary")
    (home / "configs" / "r1.cfg").write_text("canary")
    if account:
        for path in (home, *home.rglob("*")):
            os.chown(path, _UID, _UID)
    home.chmod(0o700)
    environment = home / "environment"
    subprocess.run(
        [python, "-m", "venv", "--without-pip", str(environment)], check=True, cwd="/", **account
    )
    (found,) = environment.glob("lib/python*/site-packages")
    (found / "of_the_worker.py").touch()
    packages = [str(Path(netstacks_tasks.__file__).parents[1]), *sys.path[1:]]
    done = subprocess.run(
        [str(environment / "bin" / "python"), "-c", _WORKER],
        env={
            "PATH": SEARCH_PATH,
            "HOME": str(home),
            "PYTHONPATH": os.pathsep.join(packages),
            "PREFECT_API_KEY": "canary",
        },
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        **account,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    if "no bubblewrap" in told["isolation"]:
        assert "as its user does" in told["isolation"]
        pytest.skip("no bubblewrap works on this machine: told in the run")
    assert "the worker's own user; bubblewrap" in told["isolation"]
    assert told["end"] == ""
    seen = json.loads(told["out"])
    # Where the home lies in /tmp, a folder of the script's own has its name.
    assert not (seen.pop("into the home") and (home / "x").exists())
    assert seen == {
        "worker": "FileNotFoundError",
        "home": "FileNotFoundError",
        "config": "FileNotFoundError",
        "mine": True,
        "writes": [],
        "packages": True,
        "processes": 2,
    }
