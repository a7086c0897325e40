"""Sites and their work pools from the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from .conftest import Netstacks, task

SITES = """
devices:
  - {name: r1, host: 127.0.0.1, platform: ios, site: fra, groups: [core-routers], credential: core}
  - {name: r2, host: 127.0.0.2, platform: frr, site: fra, groups: [core-routers], credential: core}
"""


@pytest.fixture
def nightly(netstacks: Netstacks, tmp_path: Path) -> str:
    """The name of a task on two devices at fra."""
    file = tmp_path / "sites.yaml"
    file.write_text(SITES)
    assert netstacks("import", str(file)).returncode == 0
    made = netstacks("task", "create", "-f", "-", "--json", text=json.dumps(task()))
    return str(json.loads(made.stdout)["name"])


def place(netstacks: Netstacks, name: str) -> dict[str, str]:
    shown = json.loads(netstacks("task", "show", name, "--json").stdout)
    return {key: value for key, value in shown.items() if key.startswith("work_pool")}


def test_a_task_says_where_it_runs_and_why(netstacks: Netstacks, nightly: str) -> None:
    # While no site has a pool there is nothing to explain.
    assert place(netstacks, nightly) == {"work_pool": "netstacks"}
    assigned = netstacks("site", "assign", "fra", "--pool", "pool-fra")
    assert assigned.stdout == "Tasks of fra (2 devices) run in pool-fra.\n"
    assert place(netstacks, nightly) == {
        "work_pool": "pool-fra",
        "work_pool_reason": "devices: 2 at fra",
    }
    assert "pool-fra" in netstacks("task", "show", nightly).stdout
    listed = json.loads(netstacks("site", "list", "--json").stdout)
    assert listed == [{"name": "fra", "work_pool": "pool-fra", "devices": 2}]
    early = netstacks("site", "assign", "ams", "--pool", "pool-ams")
    assert "No device is at 'ams' yet" in early.stderr
    assert netstacks("site", "release", "fra").stdout == "Tasks of fra run in netstacks.\n"
    assert place(netstacks, nightly) == {
        "work_pool": "netstacks",
        "work_pool_reason": "devices: 2 at fra; not all in one site's pool",
    }


def test_what_cannot_be_is_refused_by_name(netstacks: Netstacks) -> None:
    refused = netstacks("site", "assign", "fra", "--pool", "prefect-x")
    assert refused.returncode == 2
    assert refused.stderr.startswith("netstacks: pool: 'prefect-x'")
    assert netstacks("site", "release", "nowhere").returncode == 2
    assert json.loads(netstacks("site", "list", "--json").stdout) == []


def test_a_worker_serves_the_pool_that_it_is_told(
    netstacks: Netstacks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[list[str]] = []
    monkeypatch.chdir(tmp_path)  # the worker goes to a folder of its own
    monkeypatch.setattr(os, "execve", lambda _, command, __: started.append(command))
    nobody = {"PREFECT_API_URL": "http://127.0.0.1:1/api"}
    assert netstacks("worker", "--pool", "pool-fra", **nobody).returncode == 0
    assert netstacks("worker", NETSTACKS_WORK_POOL="pool-ams", **nobody).returncode == 0
    pools = [command[command.index("--pool") + 1] for command in started]
    names = [command[command.index("--name") + 1] for command in started]
    assert pools == ["pool-fra", "pool-ams"]
    assert [name.partition("-")[0] for name in names] == ["pool", "pool"]
    assert names[0].startswith("pool-fra-")
