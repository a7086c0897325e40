"""The command line as a person and a program use it, on a real database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

Netstacks = Callable[..., subprocess.CompletedProcess[str]]

GROUP = "a1b2c3d4-5678-9abc-def0-123456789abc"
CREDENTIAL = "b2c3d4e5-6789-abcd-ef01-234567890bcd"
INVENTORY = f"""
credentials:
  - {{id: {CREDENTIAL}, name: core, block_name: core}}
device_groups:
  - {{id: {GROUP}, name: core-routers}}
  - {{id: {uuid4()}, name: spare}}
devices:
  - {{name: r1, host: 127.0.0.1, platform: ios, groups: [core-routers], credential: core}}
  - {{name: r2, host: 127.0.0.2, platform: frr, groups: [core-routers], credential: core}}
"""


@pytest.fixture
def netstacks(database_url: str, tmp_path: Path) -> Netstacks:
    environment = {
        **os.environ,
        "NETSTACKS_DATABASE_URL": database_url,
        "NETSTACKS_STATE_DIR": str(tmp_path / "state"),
    }

    def call(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from netstacks_tasks.cli.main import main; main()", *words],
            input=text,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(INVENTORY)
    done = call("import", str(inventory), "--json")
    assert done.returncode == 0, done.stderr
    return call


def task(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - a document
    document = {
        "name": "Nightly Core Router Backup",
        "task_type": "backup",
        "cron_expression": "0 2 * * *",
        "timezone": "America/New_York",
        "parameters": {
            "type": "backup",
            "target_type": "device_group",
            "target_id": GROUP,
            "destination": "config-snapshots/core-routers",
        },
    }
    parameters = {**document["parameters"], **changes.pop("parameters", {})}  # type: ignore[dict-item]  # a dict
    return {**document, **changes, "parameters": parameters}


def create(netstacks: Netstacks, document: object, *more: str) -> subprocess.CompletedProcess[str]:
    return netstacks("task", "create", "-f", "-", *more, text=json.dumps(document))


def test_a_task_is_made_shown_changed_and_deleted(netstacks: Netstacks) -> None:
    made = create(netstacks, task(), "--json")
    assert made.returncode == 0, made.stderr
    saved = json.loads(made.stdout)
    assert (saved["timeout_seconds"], saved["max_retries"]) == (600, 3)
    assert saved["next_run_at"] is not None
    name = saved["name"]
    listed = json.loads(netstacks("task", "list", "--json").stdout)
    assert [one["id"] for one in listed] == [saved["id"]]
    table = netstacks("task", "list").stdout
    assert name in table
    assert "America/New_York" in table
    changed = netstacks("task", "update", name, "--set", "max_retries=5", "--json")
    assert json.loads(changed.stdout)["max_retries"] == 5
    off = json.loads(netstacks("task", "disable", name, "--json").stdout)
    assert (off["enabled"], off["next_run_at"]) == (False, None)
    assert json.loads(netstacks("task", "history", name, "--json").stdout) == []
    assert netstacks("task", "delete", name, "--yes").returncode == 0
    gone = netstacks("task", "show", name)
    assert gone.returncode == 2
    assert gone.stderr == f"netstacks: no task {name!r}\n"


@pytest.mark.parametrize(
    ("document", "field", "said"),
    [
        (task(cron_expression="61 * * * *"), "cron_expression", "minute"),
        (task(cron_expression="0 0 2 * * *"), "cron_expression", "five"),
        (task(cron_expression="@fortnightly"), "cron_expression", "@weekly"),
        (task(timezone="America/New_Yorck"), "timezone", "America/New_York"),
        (task(task_type="health_check"), "parameters.type", "task_type"),
        (task(retries=3), "retries", "max_retries"),
        (task(parameters={"target_id": str(uuid4())}), "parameters.target_id", "device group"),
        (task(max_retries=-1), "max_retries", "at least 0"),
        (task(timeout_seconds=0), "timeout_seconds", "at least 1"),
        (task(name="x" * 1_000_000), "name", "at most 200"),
        (task(parameters={"destination": "../../etc"}), "parameters.destination", ".."),
    ],
)
def test_bad_input_gets_one_clear_error_and_nothing_is_written(
    netstacks: Netstacks, database_url: str, document: object, field: str, said: str
) -> None:
    refused = create(netstacks, document, "--json")
    assert refused.returncode == 2, refused.stdout
    told = json.loads(refused.stderr)
    assert [problem["field"] for problem in told["problems"]] == [field]
    assert said in told["problems"][0]["message"]
    assert len(refused.stderr) < 1000
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM tasks").fetchone() == (0,)


def test_a_group_without_devices_and_a_second_task_of_a_name_are_refused(
    netstacks: Netstacks, database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT id FROM device_groups WHERE name = 'spare'").fetchone()
    assert row is not None
    empty = create(netstacks, task(parameters={"target_id": str(row[0])}))
    assert empty.returncode == 2
    assert "has no devices" in empty.stderr
    assert create(netstacks, task()).returncode == 0
    second = create(netstacks, task())
    assert second.returncode == 2
    assert second.stderr.startswith("netstacks: name: there is another task named")


def test_preview_shows_the_zone_and_utc(netstacks: Netstacks) -> None:
    shown = netstacks("preview", "--cron", "0 2 * * *", "--timezone", "Asia/Tokyo", "--json")
    runs = json.loads(shown.stdout)["runs"]
    assert len(runs) == 5
    assert all(run["utc"].endswith("17:00:00Z") for run in runs)
    assert all("T02:00:00+09:00" in run["local"] for run in runs)


def test_what_cannot_be_reached_is_told_with_its_own_exit_code(netstacks: Netstacks) -> None:
    nowhere = subprocess.run(
        [sys.executable, "-c", "from netstacks_tasks.cli.main import main; main()", "task", "list"],
        env={**os.environ, "NETSTACKS_DATABASE_URL": "postgresql://u:canary@127.0.0.1:1/x"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert nowhere.returncode == 3
    assert "canary" not in nowhere.stderr
    assert "Traceback" not in nowhere.stderr
    assert netstacks("sync").returncode == 3  # no Prefect server is named


def test_doctor_says_what_is_wrong_and_how_to_mend_it(netstacks: Netstacks) -> None:
    seen = netstacks("doctor", "--json")
    findings = {one["subject"]: one for one in json.loads(seen.stdout)["findings"]}
    assert seen.returncode == 1
    assert findings["database"]["status"] == "ok"
    assert findings["Prefect"]["status"] == "fail"
    assert "netstacks up" in findings["Prefect"]["found"]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nsys.argv = ['netstacks', '--help']\n"
        "from netstacks_tasks.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'prefect', 'napalm', 'pysnmp', 'openai', 'asyncssh', 'psycopg'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)
