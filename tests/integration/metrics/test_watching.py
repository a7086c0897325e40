"""What the page's server and the listener beside it tell those who watch them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from netstacks_tasks.embedded.ports import LOOPBACK
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.metrics import reading
from netstacks_tasks.metrics.families import Families
from netstacks_tasks.metrics.listener import Exposed, shown_beside
from netstacks_tasks.metrics.readiness import Readiness
from netstacks_tasks.metrics.reading import Readings
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.store import runs
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync.serving_parts import database_serves, prefect_serves, schema_fits
from tests.integration.store import samples
from tests.served import served, settings_for

Numbers = dict[tuple[str, tuple[str, ...]], float]
ORDER: Final = ("type", "state", "stage", "cause", "older_than", "loop", "le")
NOBODY: Final = "http://127.0.0.1:9/api"


def numbers(text: str) -> Numbers:
    """{(name, values of the labels in their order): value}."""
    return {
        (sample.name, tuple(sample.labels[name] for name in ORDER if name in sample.labels)): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each scrape reads anew."""
    monkeypatch.setattr(reading, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(reading, "_BACKUPS_SECONDS", 0.0)


async def execute(url: str, statement: str, *values: object) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(statement.encode(), values)


@asynccontextmanager
async def listener(
    db: Database, api_url: str = NOBODY, port: int = 0
) -> AsyncIterator[httpx.AsyncClient]:
    """A listener beside a process that works on the database."""
    readings = Readings(db)
    checks = {
        "database": database_serves(db),
        "schema": schema_fits(db),
        "prefect": prefect_serves(api_url),
    }
    exposed = Exposed([Families(readings)], Readiness(checks), refresh=readings.refresh)
    settings = settings_for(db.url, Path("/nowhere")).model_copy(update={"metrics_port": port})
    async with shown_beside(settings, exposed) as url:
        assert url is not None
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            yield client


async def scraped(client: httpx.AsyncClient) -> Numbers:
    answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return numbers(answer.text)


async def test_the_numbers_follow_a_run_from_its_time_to_its_end(
    database: Database, at_once: None
) -> None:
    await samples.fill(database)
    task = await add_task(database)
    now = datetime.now(UTC)
    async with listener(database) as client:
        before = await scraped(client)
        assert before["netstacks_database_up", ()] == 1
        assert before["netstacks_tasks", ("backup",)] == 1
        assert before["netstacks_tasks", ("agent_task",)] == 0
        assert before["netstacks_sync_lag_seconds", ()] > 0
        assert before["netstacks_queue_age_seconds", ()] == 0
        assert before["netstacks_runs_total", ("backup", "failed")] == 0
        assert before["netstacks_device_failures_total", ("backup", "connect", "refused")] == 0
        assert before["netstacks_backup_devices", ()] == 2
        assert before["netstacks_backup_devices_stale", ("24h",)] == 2

        waiting, works = RunId(uuid4()), RunId(uuid4())
        due = now - timedelta(minutes=3)
        await runs.upsert_run(database, waiting, task, trigger="schedule", scheduled_for=due)
        await runs.upsert_run(
            database, works, task, trigger="manual", scheduled_for=now, started_at=now
        )
        found = await scraped(client)
        assert found["netstacks_runs_due", ("backup",)] == 1
        assert found["netstacks_runs_late", ("backup",)] == 1
        assert found["netstacks_runs_running", ("backup",)] == 1
        assert found["netstacks_queue_age_seconds", ()] >= 180

        await runs.begin_attempt(database, works, 1)
        for device, ok in ((samples.R1, True), (samples.R2, False)):
            result = DeviceResult(
                device_id=device.id,
                device_name=device.name,
                item="running",
                ok=ok,
                summary="",
                stage=None if ok else "connect",
                cause=None if ok else "refused",
            )
            await runs.record_result(database, works, result)
        await runs.finish_run(database, works, "failed")
        await runs.mark_missed(database, waiting, "late")
        await runs.record_missed(database, task, due - timedelta(days=1), "down")
        for _ in range(2):
            found = await scraped(client)
            assert found["netstacks_runs_total", ("backup", "failed")] == 1
            assert found["netstacks_runs_total", ("backup", "missed")] == 2
            assert found["netstacks_run_duration_seconds_count", ("backup",)] == 1
            assert found["netstacks_run_duration_seconds_bucket", ("backup", "+Inf")] == 1
            assert found["netstacks_device_failures_total", ("backup", "connect", "refused")] == 1
            assert found["netstacks_runs_running", ("backup",)] == 0
            assert found["netstacks_runs_due", ("backup",)] == 0
            assert found["netstacks_queue_age_seconds", ()] == 0
            assert found["netstacks_backup_devices_stale", ("24h",)] == 1
            assert found["netstacks_backup_devices_stale", ("7d",)] == 1


async def add_task(db: Database) -> TaskId:
    from netstacks_tasks.store import tasks

    return (await tasks.create(db, samples.task())).id


async def test_the_lag_of_the_sync_ends_when_nothing_is_left_to_do(
    database: Database, at_once: None
) -> None:
    await samples.fill(database)
    task = await add_task(database)
    async with listener(database) as client:
        await execute(
            database.url,
            "UPDATE tasks SET updated_at = now() - interval '1 hour', next_run_at = now() - "
            "interval '3 minutes' WHERE id = %s",
            task,
        )
        found = await scraped(client)
        assert found["netstacks_sync_lag_seconds", ()] >= 3600
        assert found["netstacks_tasks_overdue", ("backup",)] == 1
        # What Prefect refuses is counted there, and does not hide how others fare.
        await execute(database.url, "UPDATE tasks SET sync_error = 'no such flow'")
        found = await scraped(client)
        assert found["netstacks_tasks_refused", ("backup",)] == 1
        assert found["netstacks_sync_lag_seconds", ()] == 0
        await execute(database.url, "DELETE FROM tasks")
        await execute(
            database.url, "UPDATE deleted_tasks SET deleted_at = now() - interval '1 minute'"
        )
        assert (await scraped(client))["netstacks_sync_lag_seconds", ()] >= 60
        await execute(database.url, "DELETE FROM deleted_tasks")
        assert (await scraped(client))["netstacks_sync_lag_seconds", ()] == 0


async def test_however_many_scrape_the_database_is_read_once(database: Database) -> None:
    await samples.fill(database)
    async with listener(database) as client:
        first, *_ = await asyncio.gather(*(scraped(client) for _ in range(5)))
        await add_task(database)
        again = await scraped(client)
    assert first["netstacks_tasks", ("backup",)] == again["netstacks_tasks", ("backup",)] == 0


async def test_without_a_database_it_says_so_and_keeps_its_sums(
    database: Database, at_once: None
) -> None:
    async with listener(database) as client:
        assert (await scraped(client))["netstacks_database_up", ()] == 1
        # As after a restore of another one: a table is not there.
        await execute(database.url, "ALTER TABLE schema_migrations RENAME TO gone")
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        parts = ready.json()["parts"]
        assert parts["database"] == "ok"
        assert "lacks" in parts["schema"]
        assert parts["prefect"] == "Prefect does not answer"
        assert (await client.get("/healthz")).text == "ok\n"
    async with closed(database) as dead, listener(dead) as client:
        found, ready = await asyncio.gather(scraped(client), client.get("/readyz"))
        assert found["netstacks_database_up", ()] == 0
        assert found["netstacks_runs_total", ("backup", "failed")] == 0
        assert ("netstacks_tasks", ("backup",)) not in found
        assert ready.json()["parts"]["database"] == "PostgreSQL does not answer"
        assert "127.0.0.1" not in ready.text


@asynccontextmanager
async def closed(db: Database) -> AsyncIterator[Database]:
    """The database, as it is for a process whose server has gone."""
    away = Database("postgresql://netstacks:hunter2@127.0.0.1:9/netstacks")
    async with away._pool:
        yield away


async def test_a_port_that_is_taken_is_told_with_its_setting(database: Database) -> None:
    async with listener(database) as client:
        with pytest.raises(ConfigurationError, match="NETSTACKS_METRICS_PORT"):
            async with listener(database, port=client.base_url.port or 0):
                pass


async def test_the_page_tells_numbers_to_holders_of_a_token_and_health_to_all(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url, tmp_path).model_copy(update={"metrics_port": 0})
    async with served(settings) as site, httpx.AsyncClient(trust_env=False) as client:
        refused = await client.get(f"{site.url}/metrics")
        assert (refused.status_code, refused.json()["title"]) == (401, "Show who you are")
        told = await client.get(
            f"{site.url}/metrics", headers={"Authorization": f"Bearer {site.tokens['viewer']}"}
        )
        assert numbers(told.text)["netstacks_database_up", ()] == 1
        assert numbers(told.text)["process_open_fds", ()] > 0
        assert (await client.get(f"{site.url}/healthz")).text == "ok\n"
        ready = await client.get(f"{site.url}/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (200, True)
        assert set(ready.json()["parts"]) == {"database", "schema"}
    assert LOOPBACK in site.url
