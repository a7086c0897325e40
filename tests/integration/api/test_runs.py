"""Runs over HTTP: started, read, followed and cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest_asyncio
from prefect.client.schemas.actions import LogCreate

from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.models.ids import DeviceId, RunId, TaskId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.store import audit, runs
from netstacks_tasks.sync.prefect_errors import open_client
from tests.integration.api import world
from tests.served import Served, served, settings_for


@pytest_asyncio.fixture
async def site_with_prefect(
    prefect_stack: Stack, database_url: str, tmp_path: Path
) -> AsyncIterator[Served]:
    settings = settings_for(database_url, tmp_path, prefect_stack.api_url)
    # Nobody serves this pool: what is started waits.
    async with served(settings.model_copy(update={"work_pool": "waiting"})) as running:
        await world.fill(running.netstacks.db)
        yield running


async def test_the_history_is_searched_and_read_in_pages(api_site: Served) -> None:
    db = api_site.netstacks.db
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    async with api_site.api("viewer") as client, api_site.api() as admin:
        tasks = [
            TaskId((await admin.post("tasks", json=world.backup(name))).json()["id"])
            for name in ("North", "Süd → ?")
        ]
        ids = [RunId(uuid4()) for _ in range(5)]
        for number, run_id in enumerate(ids):
            await runs.upsert_run(
                db,
                run_id,
                tasks[number % 2],
                trigger="schedule",
                scheduled_for=noon + timedelta(hours=number),
            )
        await runs.begin_attempt(db, ids[4], 1)
        found = DeviceResult(
            device_id=DeviceId(uuid4()), device_name="r1", item="running", ok=True, summary="kept"
        )
        await runs.record_result(db, ids[4], found)
        await runs.end_attempt(db, ids[4], 1, outcome="completed")
        await runs.finish_run(db, ids[4], "completed")

        seen: list[list[str]] = []
        page = f"{api_site.url}/api/v1/runs?limit=2"
        while page:
            answer = await client.get(page)
            seen.append([one["id"] for one in answer.json()["items"]])
            page = answer.links.get("next", {}).get("url", "")
            page = page and api_site.url + page
        latest_first = [str(one) for one in reversed(ids)]
        assert seen == [latest_first[:2], latest_first[2:4], latest_first[4:]]

        for query, expected in (
            ("task=nor", latest_first[::2]),
            ("state=completed&state=failed", latest_first[:1]),
            ("since=2026-07-01T15:00:00Z", latest_first[:2]),
            ("task_type=health_check", []),
        ):
            items = (await client.get(f"runs?{query}")).json()["items"]
            assert [one["id"] for one in items] == expected
        south = f"tasks/{quote('Süd → ?')}/runs"
        of_task = await client.get(f"{south}?limit=1")
        assert [one["id"] for one in of_task.json()["items"]] == [str(ids[3])]
        following = of_task.links["next"]["url"]
        assert following == f"/api/v1/{south}?limit=1&before={ids[3]}"
        rest = (await client.get(api_site.url + following)).json()
        assert [one["id"] for one in rest["items"]] == [str(ids[1])]

        whole = (await client.get(f"runs/{ids[4]}")).json()
        assert whole["run"]["task_name"] == "North"
        assert [one["outcome"] for one in whole["attempts"]] == ["completed"]
        assert [(one["device_name"], one["summary"]) for one in whole["results"]] == [
            ("r1", "kept")
        ]
        for query, field in (
            ("before=00000000-0000-4000-8000-000000000000", "before"),
            ("since=2026-07-01T15:00:00", "since"),
            ("since=0001-01-01T00:00:00Z", "since"),
            ("state=colour", "state.0"),
        ):
            answer = await client.get(f"runs?{query}")
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        assert (await client.get(f"runs/{uuid4()}")).status_code == 404
        away = await client.get(f"runs/{ids[4]}/logs")
        assert (away.status_code, away.json()["type"]) == (503, "urn:netstacks:unreachable")


async def _say(api_url: str, run_id: UUID, begin: datetime, lines: int) -> None:
    """Write to a run's log, a line each second."""
    async with open_client(api_url) as prefect:
        await prefect.create_logs(
            [
                LogCreate(
                    name="test",
                    level=30,
                    message=f"line {number}",
                    timestamp=begin + timedelta(seconds=number),
                    flow_run_id=run_id,
                )
                for number in range(lines)
            ]
        )


async def test_a_run_is_started_once_followed_and_cancelled(
    prefect_stack: Stack, site_with_prefect: Served
) -> None:
    site, api_url = site_with_prefect, prefect_stack.api_url
    async with site.api("operator") as client:
        task = (await client.post("tasks", json=world.backup("Waiting"))).json()
        key = {"Idempotency-Key": "once"}
        started = await client.post("tasks/Waiting/runs", headers=key)
        assert started.status_code == 202, started.text
        run_id = started.json()["run_id"]
        assert started.json()["url"].endswith(f"/runs/flow-run/{run_id}")
        again = await client.post("tasks/Waiting/runs", headers=key)
        assert (again.json(), again.headers["idempotency-replayed"]) == (started.json(), "true")
        shown = await client.get(site.url + started.headers["location"])
        assert (shown.status_code, shown.json()["run"]["trigger"]) == (200, "manual")
        assert shown.json()["run"]["url"] == started.json()["url"]
        synced = (await client.get("tasks/Waiting")).json()
        assert synced["synced"] is True
        assert synced["deployment_url"].endswith(synced["deployment_id"])

        assert (await client.get(f"runs/{run_id}/logs")).json()["items"] == []
        begin = datetime(2026, 7, 1, 12, tzinfo=UTC)
        await _say(api_url, UUID(run_id), begin, 300)
        page = f"{site.url}/api/v1/runs/{run_id}/logs?limit=250"
        said: list[str] = []
        while page:
            answer = await client.get(page)
            said += [one["message"] for one in answer.json()["items"]]
            page = answer.links.get("next", {}).get("url", "")
            page = page and site.url + page
        assert said == [f"line {number}" for number in range(300)]
        last = (begin + timedelta(seconds=297)).isoformat()
        new = await client.get(f"runs/{run_id}/logs", params={"after": last})
        assert [(one["level"], one["message"]) for one in new.json()["items"]] == [
            ("WARNING", "line 298"),
            ("WARNING", "line 299"),
        ]
        assert (await client.get(f"runs/{uuid4()}/logs")).status_code == 404

        assert (await client.post(f"runs/{run_id}/cancel")).json() == {"run_ids": [run_id]}
        over = await client.post(f"runs/{run_id}/cancel")
        assert (over.status_code, over.json()["type"]) == (409, "urn:netstacks:already-ended")
        other = (await client.post("tasks/Waiting/runs")).json()["run_id"]
        assert (await client.post("tasks/Waiting/cancel")).json() == {"run_ids": [other]}
    entries = await audit.find(site.netstacks.db, audit.AuditSearch(actor="token:operator"))
    assert [(one.action, one.kind, one.object_name) for one in reversed(entries)] == [
        ("created", "task", "Waiting"),
        ("run", "task", "Waiting"),
        ("cancelled", "run", "Waiting"),
        ("run", "task", "Waiting"),
        ("cancelled", "task", "Waiting"),
    ]
    assert entries[-1].object_id == UUID(task["id"])


async def test_runs_of_others_on_the_same_prefect_are_left_alone(
    prefect_stack: Stack, site_with_prefect: Served
) -> None:
    site = site_with_prefect
    async with open_client(prefect_stack.api_url) as prefect, site.api() as client:
        flow_id = await prefect.create_flow_from_name("somebody-elses")
        made = await prefect.request("POST", "/flow_runs/", json={"flow_id": str(flow_id)})
        foreign = made.json()["id"]
        assert (await client.get(f"runs/{foreign}/logs")).status_code == 404
        assert (await client.post(f"runs/{foreign}/cancel")).status_code == 404
        state = (await prefect.read_flow_run(UUID(foreign))).state
        assert state is not None
        assert not state.is_final()
