"""What people hear: through a real Prefect server, by a webhook on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from prefect import get_client
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.system import Secret

from netstacks_tasks.cli import main
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.alert_kind import KINDS
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.sync import manual_runs, task_rows
from netstacks_tasks.sync.alerts import Alerts
from netstacks_tasks.sync.flow_runs import FlowRuns
from netstacks_tasks.sync.mended import tell_mended
from netstacks_tasks.sync.missed_times import MissedTimes
from netstacks_tasks.sync.prefect_gateway import PrefectGateway
from netstacks_tasks.sync.reconcile import sync
from tests.hosts.webhook_receiver import Received, receiving

from .running import execute
from .world import World

TOKEN: Final = "hook-token-6c1f"
POOL: Final = "of-the-alerts"
"""Nobody serves it: what runs here is run by the test."""


@pytest_asyncio.fixture
async def received(world: World) -> AsyncIterator[Received]:
    async with receiving() as hook:
        block = CustomWebhookNotificationBlock(
            name="noc",
            url=hook.url,
            json_data={"subject": "{{subject}}", "body": "{{body}}"},
            headers={"X-Token": "{{token}}"},
            secrets={"token": TOKEN},
        )
        await block.save("noc", overwrite=True)
        yield hook


@pytest_asyncio.fixture
async def alerts(world: World) -> AsyncIterator[Alerts]:
    async with get_client() as client:
        made = Alerts(client, await task_rows.installation(world.db))
        yield made
        await made.remove(KINDS)


async def deployment_of(world: World, task_id: str) -> UUID:
    async with PrefectGateway.open(str(await api_url())) as gateway:
        await sync(world.db, gateway, work_pool=POOL)
    (row,) = await task_rows.by_id(world.db, [TaskId(UUID(task_id))])
    assert row.deployment_id is not None
    return row.deployment_id


async def api_url() -> str:
    async with get_client() as client:
        return str(client.api_url)


async def test_people_hear_of_what_happened_and_of_no_secret(
    world: World, received: Received, alerts: Alerts
) -> None:
    name = f"Nightly {uuid4()}"
    task_id = TaskId(UUID(await world.backup_task(name=name)))
    deployment = await deployment_of(world, str(task_id))
    made = await alerts.set(KINDS, "custom-webhook/noc")
    assert [one.outcome for one in made] == ["made"] * 4

    await world.break_device("core-rtr-02", "password")
    async with get_client() as client:
        run_id = await manual_runs.start(client, deployment)
        ran = await execute(run_id, "backup")
        assert ran.state.is_failed(), ran.output
        failed = await received.about(f"{name} failed")
        assert name in failed["body"]
        assert "core-rtr-02" in failed["body"]
        assert "authenticate" in failed["body"]
        assert f"/runs/flow-run/{run_id}" in failed["body"]
        changed = await received.about(f"{name} found 3 changed devices")
        assert "core-frr-01, core-rtr-01, core-rtr-03" in changed["body"]

        flow_runs = FlowRuns(client, await task_rows.installation(world.db))
        await tell_mended(world.db, [(one, "crash") for one in await flow_runs.by_id([run_id])])
        mended = await received.about(f"a run of {name} lost its process")
        assert "no attempt is left" in mended["body"]

        await out_since(world, task_id, datetime.now(UTC) - timedelta(days=1, hours=1))
        await MissedTimes(world.db, flow_runs).check()
        missed = await received.about(f"{name} missed its time")
        assert "02:00 UTC" in missed["body"]
    assert len(received.messages) == 4
    for message in received.messages:
        told = message["subject"] + message["body"]
        assert not [secret for secret in (*world.secrets(), TOKEN) if secret in told]
        assert f"x-token: {TOKEN}" in message["headers"]


async def out_since(world: World, task_id: TaskId, moment: datetime) -> None:
    async with world.db.transaction() as connection:
        await connection.execute(
            "UPDATE tasks SET missed_checked_at = %s, updated_at = %s, next_run_at = %s"
            " WHERE id = %s",
            (moment, moment, moment, task_id),
        )


async def test_an_alert_is_set_once_mended_listed_and_removed(
    received: Received, alerts: Alerts
) -> None:
    await alerts.set(["failed"], "custom-webhook/noc")
    (again,) = await alerts.set(["failed"], "custom-webhook/noc")
    assert again.outcome == "unchanged"
    async with get_client() as client:
        await client.pause_automation(again.id)
        (off,) = await alerts.find()
        assert (off.kind, off.block, off.enabled) == ("failed", "custom-webhook/noc", False)
        (mended,) = await alerts.set(["failed"], "custom-webhook/noc")
        assert (mended.id, mended.outcome) == (again.id, "changed")
        # Another installation on the same server has its own, and touches no other's.
        others = Alerts(client, uuid4())
        assert await others.find() == []
        (theirs,) = await others.set(["failed"], "custom-webhook/noc")
        assert theirs.outcome == "made"
        assert [one.id for one in await alerts.remove(["failed", "missed"])] == [again.id]
        assert await alerts.find() == []
        assert [one.id for one in await others.remove(KINDS)] == [theirs.id]


async def test_the_command_line_sets_and_lists_alerts(
    world: World,
    received: Received,
    alerts: Alerts,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NETSTACKS_DATABASE_URL", world.db.url)
    monkeypatch.setenv("NETSTACKS_STATE_DIR", str(tmp_path))

    async def netstacks(*arguments: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main.execute, ["alert", *arguments])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    code, said = await netstacks("set", "missed", "failed", "--block", "custom-webhook/noc")
    assert code == 0, said
    assert said == "failed, by custom-webhook/noc: made.\nmissed, by custom-webhook/noc: made.\n"
    code, said = await netstacks("list", "--json")
    assert [(one["kind"], one["enabled"]) for one in json.loads(said)] == [
        ("failed", True),
        ("missed", True),
    ]
    code, said = await netstacks("remove", "failed", "--block", "custom-webhook/noc")
    assert (code, said) == (0, "failed, by custom-webhook/noc: removed.\n")
    assert [one.kind for one in await alerts.find()] == ["missed"]
    code, said = await netstacks("set", "lost", "--block", "custom-webhook/noc")
    assert (code, said) == (
        2,
        "netstacks: KIND: 'lost' is none of failed, missed, zombie, changed\n",
    )


async def test_what_cannot_notify_is_refused_and_nothing_is_made(
    received: Received, alerts: Alerts
) -> None:
    await Secret(value="x").save("not-a-hook", overwrite=True)
    for block, words in (
        ("noc", "write its type and its name"),
        ("slack-webhook/none", "Prefect has no block"),
        ("secret/not-a-hook", "sends no notifications"),
    ):
        with pytest.raises(InvalidInput, match=f"--block: .*{words}"):
            await alerts.set(KINDS, block)
    assert await alerts.find() == []
