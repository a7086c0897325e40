"""Two Prefect servers, Redis and workers of two sites: one server and one worker are killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.store import changes, lock_session, runs
from netstacks_tasks.sync.janitor import Patience
from netstacks_tasks.sync.prefect_errors import open_client
from netstacks_tasks.sync.watch import WatchOptions, watch
from tests.conftest import copied_database
from tests.integration.topology.parts import REDIS, running
from tests.integration.topology.story import DEFAULT_POOL, Plot, Story, pools_of, show, story

pytestmark = pytest.mark.skipif(
    not Path(REDIS).exists(), reason=f"there is no {REDIS} (package redis-server)"
)


PLOT = Plot(
    pools={"fra2": "pool-fra"},
    places={
        "edge-sw-01": "pool-fra",
        "core-rtr-02": "pool-fra",
        "core-routers": DEFAULT_POOL,
    },
)
TWICE = ("core-rtr-02",)
"""Asked for once more, before anybody knows that it is dead."""
RUNS = len(PLOT.places) + len(TWICE)


@pytest_asyncio.fixture
async def told(
    postgres: EmbeddedPostgres, template_database: str, public_tmp: Path
) -> AsyncIterator[Story]:
    folder = public_tmp / "topology"
    (folder / "fleet").mkdir(parents=True)
    async with (
        copied_database(postgres, template_database, "of_the_topology") as url,
        running(folder, postgres, url, ["pool-fra", DEFAULT_POOL]) as parts,
        story(parts, folder / "fleet", PLOT) as told,
    ):
        yield told


@pytest_asyncio.fixture
async def syncing(told: Story) -> AsyncIterator[None]:
    """The sync, with less patience than it has for real machines."""
    options = WatchOptions(
        work_pool=DEFAULT_POOL,
        feedback_every=0.5,
        patience=Patience(unlocked=timedelta(seconds=8)),
    )
    stop = asyncio.Event()
    service = asyncio.create_task(
        watch(
            told.db, told.parts.api_url, options=options, stop=stop,
            changes=lambda: changes.listen(told.parts.database_url),
            holders=lambda: lock_session.holders(told.db),
        )
    )  # fmt: skip
    yield
    stop.set()
    await service


@pytest.mark.usefixtures("syncing")
async def test_every_run_ends_once_although_a_server_and_a_worker_die(told: Story) -> None:
    deployments = await told.when_deployed()
    told.slow_down(1)
    async with open_client(told.parts.api_url) as client:
        await told.ask(client, deployments, PLOT.places)
        killed = await told.working("pool-fra")
        told.parts.kill_worker("pool-fra")
        told.parts.kill_server("server-1")
        await told.ask(client, deployments, TWICE)
        # As whatever keeps services alive there does.
        await told.parts.start_worker("pool-fra")
        ended = await told.until(lambda found: sum(bool(run.ended_at) for run in found) == RUNS)
        await show(told, ended, killed)

        assert {run.id: run.task_name for run in ended} == told.asked
        assert {run.state for run in ended} == {"completed"}
        pools = await pools_of(client, told.asked)
        assert pools == {run_id: PLOT.places[name] for run_id, name in told.asked.items()}
    assert {run.id for run in ended if run.attempts > 1} == killed
    attempts = {run.id: await runs.attempts(told.db, run.id) for run in ended}
    for run_id, made in attempts.items():
        expected = ["crashed", "completed"] if run_id in killed else ["completed"]
        assert [attempt.outcome for attempt in made] == expected
    for name in TWICE:
        # The second run of a task waited for the first one, by a lease that Redis keeps.
        spans = sorted(
            (attempt.started_at, attempt.ended_at or attempt.started_at)
            for run in ended if run.task_name == name
            for attempt in attempts[run.id] if attempt.outcome == "completed"
        )  # fmt: skip
        assert spans[0][1] <= spans[1][0]
    # Not a session more than there were attempts: nothing was done twice.
    for device, tried in (await told.tries(attempts)).items():
        assert told.sessions(device) <= tried
    assert told.parts.balancer.taken.keys() == set(told.parts.addresses.values())
    assert told.parts.balancer.passed_by[told.parts.addresses["server-1"]] > 0
