"""Bad input gets one clear error that names the field and the fix, and changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from .conftest import Netstacks, task

NOBODY = str(uuid4())


def everything(database_url: str) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        return {
            name: [
                row[0]
                for row in connection.execute(
                    sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(name))
                )
            ]
            for (name,) in tables
        }


BAD = [
    (task(cron_expression="61 * * * *"), "cron_expression", ("minute", "0-59")),
    (task(cron_expression="0 0 2 * * *"), "cron_expression", ("has 6 fields", "give five")),
    (task(cron_expression="@fortnightly"), "cron_expression", ("@fortnightly", "@weekly")),
    (task(timezone="America/New_Yorck"), "timezone", ("America/New_York",)),
    (task(task_type="health_check"), "parameters.type", ("task_type", "health_check")),
    (task(retries=3), "retries", ("unknown field", "max_retries")),
    (task(parameters={"path": "x"}), "parameters.path", ("unknown field", "destination")),
    (task(parameters={"target_id": NOBODY}), "parameters.target_id", (NOBODY, "import it first")),
    (task(max_retries=-1), "max_retries", ("at least 0",)),
    (task(timeout_seconds=0), "timeout_seconds", ("at least 1",)),
    (task(name="x" * 1_000_000), "name", ("at most 200",)),
    (task(parameters={"destination": "../../etc"}), "parameters.destination", ("'..'", "remove")),
]


@pytest.mark.parametrize(("document", "field", "said"), BAD, ids=[field for _, field, _ in BAD])
def test_a_bad_task_is_refused(
    netstacks: Netstacks,
    database_url: str,
    tmp_path: Path,
    document: object,
    field: str,
    said: tuple[str, ...],
) -> None:
    before = everything(database_url)
    file = tmp_path / "task.json"
    file.write_text(json.dumps(document))
    refused = netstacks("task", "create", "-f", str(file))
    assert refused.returncode == 2
    assert refused.stdout == ""
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"netstacks: {field}: ")
    assert len(line) < 500
    told = json.loads(netstacks("task", "create", "-f", str(file), "--json").stderr)
    (problem,) = told["problems"]
    assert (told["exit_code"], problem["field"]) == (2, field)
    assert all(word in problem["message"] for word in said), problem
    imported = netstacks("import", str(file))
    assert imported.returncode == 2
    assert field in imported.stderr
    assert everything(database_url) == before


def test_a_group_without_devices_is_refused(netstacks: Netstacks, database_url: str) -> None:
    before = everything(database_url)
    groups = json.loads(netstacks("group", "list", "--json").stdout)
    (spare,) = [one["id"] for one in groups if one["name"] == "spare"]
    document = task(parameters={"target_id": spare})
    refused = netstacks("task", "create", "-f", "-", text=json.dumps(document))
    assert refused.returncode == 2
    assert refused.stderr == (
        "netstacks: parameters.target_id: the device group 'spare' has no devices: "
        "add one to it first\n"
    )
    assert everything(database_url) == before


def test_a_second_task_of_a_name_is_refused(netstacks: Netstacks, database_url: str) -> None:
    text = json.dumps(task())
    assert netstacks("task", "create", "-f", "-", text=text).returncode == 0
    before = everything(database_url)
    refused = netstacks("task", "create", "-f", "-", text=text)
    assert refused.returncode == 2
    assert refused.stderr.startswith("netstacks: name: there is another task named")
    assert "choose a different name" in refused.stderr
    assert everything(database_url) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "is no JSON object"),
        ("null", "is no JSON object"),
        ('{"name": "a", "name": "b"}', "is given twice"),
        ('{"max_retries": NaN}', "is no finite number"),
        ("[" * 100_000, "nested too deeply"),
        ('{"name": "' + "x" * 2_000_000 + '"}', "must have at most 200 characters"),
    ],
)
def test_what_is_no_document_is_refused(
    netstacks: Netstacks, database_url: str, text: str, said: str
) -> None:
    before = everything(database_url)
    refused = netstacks("task", "create", "-f", "-", text=text)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr) < 1000
    assert everything(database_url) == before


def test_every_fault_is_told_at_once(netstacks: Netstacks, database_url: str) -> None:
    before = everything(database_url)
    document = task(cron_expression="x", timezone="Mars", max_retries=-1, colour="red")
    refused = netstacks("task", "create", "-f", "-", text=json.dumps(document))
    fields = sorted(line.split(": ")[1] for line in refused.stderr.splitlines())
    assert fields == ["colour", "cron_expression", "max_retries", "timezone"]
    assert everything(database_url) == before


def test_a_bad_change_leaves_the_task_as_it_was(netstacks: Netstacks, database_url: str) -> None:
    assert netstacks("task", "create", "-f", "-", text=json.dumps(task())).returncode == 0
    before = everything(database_url)
    name = "Nightly Core Router Backup"
    for change in (
        "cron_expression=61 * * * *",
        "timezone=Mars",
        "max_retries=-1",
        "parameters.destination=/etc",
        f"parameters.target_id={NOBODY}",
        "parameters=7",
        "task_type=deployment",
        "next_run_at=2026-01-01T00:00:00Z",
        f"id={NOBODY}",
        "colour=red",
    ):
        refused = netstacks("task", "update", name, "--set", change)
        assert refused.returncode == 2, change
        field = "parameters.type" if "task_type" in change else change.split("=")[0]
        assert refused.stderr.startswith(f"netstacks: {field}: "), refused.stderr
    assert everything(database_url) == before
