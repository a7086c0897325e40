"""What the doctor makes of what it sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from netstacks_tasks.cli.checks import database, machine, prefect_server
from netstacks_tasks.cli.checks.blocks import config_store, same_database
from netstacks_tasks.cli.checks.finding import Finding, collected, ok
from netstacks_tasks.errors import StoreUnavailable
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import parse_task

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


def task(name: str, **known: Any) -> Task:  # noqa: ANN401 - any field
    spec = parse_task(
        {
            "id": str(uuid4()),
            "name": name,
            "task_type": "health_check",
            "cron_expression": "@daily",
            "parameters": {
                "type": "health_check",
                "credential_id": str(UUID(int=1)),
                "checks": ["ping"],
            },
        }
    )
    defaults = {"revision": 1, "created_at": LONG_AGO, "updated_at": LONG_AGO, "synced_hash": "x"}
    return Task(spec=spec, **{**defaults, **known})


def test_this_machine_is_well(tmp_path: Path) -> None:
    findings = {one.subject: one for one in machine.machine(tmp_path / "not" / "yet")}
    assert set(findings) == {"Python", "packages", "timezones", "disk", "ping"}
    assert findings["Python"].status == "ok"
    assert findings["timezones"].status == "ok"
    assert str(tmp_path) in findings["disk"].found


def test_a_package_that_differs_from_the_lock_is_named() -> None:
    lock = (
        "psycopg==0.0.1 \\\n    --hash=sha256:00\n"
        "colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
        "not-installed==1.0\n    # via x\n"
    )
    found = machine._differences(lock)
    assert [text.split()[0] for text in found] == ["psycopg", "not-installed"]
    assert found[0].endswith("(locked 0.0.1)")
    assert found[1] == "not-installed missing (locked 1.0)"


def test_a_full_disk_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_LEAST_FREE_BYTES", 2**70)
    assert machine.disk("disk", tmp_path).status == "warn"


def test_an_account_that_may_not_ping_is_told_how_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ping_permitted", lambda: False)
    found = machine.ping()
    assert found.status == "warn"
    assert "ping_group_range" in found.mend


@pytest.mark.parametrize(
    ("known", "status", "said"),
    [
        ([], "ok", "0 tasks"),
        ([task("a")], "ok", "1 tasks"),
        ([task("a", synced_hash=None)], "fail", "a"),
        ([task("a", sync_error="no flow runs it"), task("b")], "fail", "a: no flow runs it"),
    ],
)
def test_the_sync_is_judged_by_the_rows(known: list[Task], status: str, said: str) -> None:
    found = database.sync_state(known)
    assert found.status == status
    assert said in found.found
    assert bool(found.mend) == (status != "ok")


def test_an_edit_of_this_minute_is_waited_for() -> None:
    # Made here: when the tests were collected may be long ago.
    found = database.sync_state([task("a", synced_hash=None, updated_at=datetime.now(UTC))])
    assert found.status == "warn"
    assert "1 tasks were edited" in found.found


def test_many_names_are_counted() -> None:
    known = [task(f"task {number}", synced_hash=None) for number in range(20)]
    assert database.sync_state(known).found.endswith("task 4 and 15 more")


@pytest.mark.parametrize(("seconds", "status"), [(0, "ok"), (3, "ok"), (-60, "warn"), (60, "warn")])
def test_clocks_may_differ_a_little(seconds: int, status: str) -> None:
    there = datetime.now(UTC) + timedelta(seconds=seconds)
    assert database.skew("clock", there, grain=timedelta(seconds=1)).status == status


def settings(wait: object = 5.0, lease: str = "x.filesystem", loop: float = 15) -> dict[str, Any]:
    return {
        "server": {
            "deployments": {"concurrency_slot_wait_seconds": wait},
            "concurrency": {"lease_storage": lease},
            "services": {"scheduler": {"loop_seconds": loop}},
        }
    }


@pytest.mark.parametrize(
    ("given", "status", "setting"),
    [
        (settings(), "ok", ""),
        (settings(wait=30.0), "warn", "CONCURRENCY_SLOT_WAIT_SECONDS=5"),
        (settings(wait=None), "warn", "CONCURRENCY_SLOT_WAIT_SECONDS=5"),
        (settings(lease="prefect.server.memory"), "warn", "LEASE_STORAGE=prefect.server"),
        (settings(loop=60), "warn", "SCHEDULER_LOOP_SECONDS=15"),
        ({}, "warn", "README"),
        (None, "warn", "README"),
    ],
)
def test_the_servers_settings_are_read(
    given: dict[str, Any] | None, status: str, setting: str
) -> None:
    found = prefect_server.server_settings(given)
    assert found.status == status
    assert setting in found.mend


@pytest.mark.parametrize(
    ("theirs", "status"), [("3.8.8", "ok"), ("3.8.9", "ok"), ("3.9.0", "warn"), ("2.20.1", "warn")]
)
def test_another_release_line_of_the_server_is_named(theirs: str, status: str) -> None:
    assert prefect_server.server_version(theirs, "3.8.8", "http://x").status == status


def test_flow_runs_that_use_another_database_are_seen() -> None:
    info = {"host": "db", "port": 5432, "database": "netstacks", "password": "canary"}
    data = {"connection_info": info}
    assert same_database(data, "postgresql://u:p@db/netstacks").status == "ok"
    other = same_database(data, "postgresql://u:secret@127.0.0.1:55432/netstacks")
    assert other.status == "warn"
    assert "db:5432/netstacks" in other.found
    assert "127.0.0.1:55432/netstacks" in other.found
    assert "canary" not in str(other)
    assert "secret" not in str(other)


def test_a_config_store_that_can_be_written_has_room(tmp_path: Path) -> None:
    assert [one.status for one in config_store(tmp_path / "configs")] == ["ok", "ok"]


async def test_a_look_that_fails_keeps_what_was_found() -> None:
    async def looks() -> AsyncIterator[Finding]:
        yield ok("first", "well")
        raise StoreUnavailable("it went away")

    found = await collected(looks(), "database", "start it")
    assert [(one.subject, one.status) for one in found] == [("first", "ok"), ("database", "fail")]
    assert found[1].mend == "start it"
