"""A configuration becomes a version when it changed, and only once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.capture import Capture
from netstacks_tasks.models.ids import DeviceId, RunId, SnapshotId, TaskId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import inventory_changes, runs, snapshots, tasks
from netstacks_tasks.store.database import Database
from tests.integration.store import samples
from tests.integration.store.samples import R1, R2, run_id, task


class Keeper:
    """Keeps configurations for one run."""

    def __init__(self, db: Database, task_id: TaskId, run: RunId) -> None:
        self.db, self.task_id, self.run_id = db, task_id, run

    async def keep(self, text: str, **more: object) -> tuple[SnapshotId, bool]:
        values = {"device": R1, "destination": "configs", "source": "running"} | more
        return await snapshots.keep(
            self.db,
            task_id=self.task_id,
            run_id=self.run_id,
            content=text,
            normalised=normalise("linux", text),
            **values,  # type: ignore[arg-type]  # a test's shorthand
        )


def normalise(platform: str, text: str) -> str:
    assert platform == "linux"
    return "".join(line for line in text.splitlines(keepends=True) if "uptime" not in line)


@pytest.fixture
async def keeper(database: Database) -> Keeper:
    await samples.fill(database)
    task_id = (await tasks.create(database, task())).id
    now = datetime.now(UTC)
    await runs.upsert_run(database, run_id("one"), task_id, trigger="manual", scheduled_for=now)
    return Keeper(database, task_id, run_id("one"))


async def test_only_a_change_makes_a_version(database: Database, keeper: Keeper) -> None:
    first, changed = await keeper.keep("hostname r1\nuptime 1\n")
    assert changed
    assert await keeper.keep("hostname r1\nuptime 2\n") == (first, False)
    second, changed = await keeper.keep("hostname r2\nuptime 3\n")
    assert changed
    # Back to what it was before: that is a change too.
    third, changed = await keeper.keep("hostname r1\nuptime 4\n")
    assert changed
    found = await snapshots.list_versions(database, device="r1")
    assert [version.id for version in found] == [third, second, first]
    assert found == await snapshots.list_versions(database, device=R1.id)
    assert await snapshots.previous(database, found[0]) == found[1]
    assert await snapshots.previous(database, found[2]) is None
    assert (await snapshots.get(database, first)).content == "hostname r1\nuptime 1\n"
    assert found[0].line_count == 1
    assert found[0].run_id == keeper.run_id


async def test_versions_of_other_places_do_not_count(keeper: Keeper) -> None:
    for more in ({}, {"device": R2}, {"destination": "other"}, {"source": "startup"}):
        assert (await keeper.keep("same", **more))[1]
        assert not (await keeper.keep("same", **more))[1]


async def test_captures_at_once_make_one_version(database: Database, keeper: Keeper) -> None:
    for round_ in range(5):
        kept = await asyncio.gather(*(keeper.keep(f"text {round_}") for _ in range(8)))
        assert len({snapshot_id for snapshot_id, _ in kept}) == 1
        assert sum(changed for _, changed in kept) == 1
    assert len(await snapshots.list_versions(database)) == 5


async def test_versions_keep_their_order_when_the_clock_goes_back(
    database: Database, keeper: Keeper
) -> None:
    first, _ = await keeper.keep("a")
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE config_snapshots SET captured_at = now() + interval '1 hour'"
        )
    second, changed = await keeper.keep("b")
    assert changed
    assert await keeper.keep("b") == (second, False)
    found = await snapshots.list_versions(database)
    assert [version.id for version in found] == [second, first]


async def test_a_diff_between_any_two(database: Database, keeper: Keeper) -> None:
    ids = [(await keeper.keep(f"a\nvlan {n}\nuptime {n}\nend"))[0] for n in range(3)]
    diff = await snapshots.diff(database, ids[0], ids[2], normalise=normalise)
    assert diff.splitlines()[3:] == [" a", "-vlan 0", "+vlan 2", " end"]
    assert diff.startswith("--- r1 running 20")
    backwards = await snapshots.diff(database, ids[2], ids[0], normalise=normalise)
    assert "+vlan 0" in backwards
    assert await snapshots.diff(database, ids[1], ids[1], normalise=normalise) == ""
    with pytest.raises(NotFound, match="no snapshot"):
        await snapshots.diff(database, ids[0], SnapshotId(uuid4()), normalise=normalise)


async def test_lists_are_filtered_and_paged(database: Database, keeper: Keeper) -> None:
    for number in range(6):
        await keeper.keep(
            str(number), device=R1 if number % 2 else R2, destination=f"d{number % 3}"
        )
    everything = await snapshots.list_versions(database)
    page = await snapshots.list_versions(database, limit=4)
    rest = await snapshots.list_versions(database, limit=4, before=page[-1])
    assert [*page, *rest] == everything
    assert len(everything) == 6
    assert len(await snapshots.list_versions(database, device="r2", destination="d0")) == 1
    assert await snapshots.list_versions(database, source="startup") == []
    assert await snapshots.list_versions(database, device="nobody") == []


async def test_versions_outlive_the_device_the_task_and_the_run(
    database: Database, keeper: Keeper
) -> None:
    kept, _ = await keeper.keep("x")
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM stack_instances")
    await inventory_changes.delete(database, Device, R1.id)
    await tasks.delete(database, keeper.task_id)
    (found,) = await snapshots.list_versions(database, device="r1")
    assert (found.id, found.device_id, found.task_id) == (kept, None, None)
    assert await snapshots.previous(database, found) is None


async def test_what_is_gone_is_named(database: Database, keeper: Keeper) -> None:
    stranger = samples.device("stranger")
    with pytest.raises(NotFound, match="no device 'stranger'"):
        await keeper.keep("x", device=stranger)
    keeper.run_id = run_id("gone")
    with pytest.raises(NotFound, match="no run"):
        await keeper.keep("x")
    keeper.task_id = TaskId(uuid4())
    with pytest.raises(NotFound, match=r"no (task|run)"):
        await keeper.keep("x")


async def test_any_text_is_kept(database: Database, keeper: Keeper) -> None:
    text = "a\x00b \ud800 \U0001f600\r\n" * 3
    kept, _ = await keeper.keep(text)
    assert await keeper.keep(text) == (kept, False)
    stored = (await snapshots.get(database, kept)).content
    assert "\U0001f600\r\n" in stored
    assert "secret" not in repr(await snapshots.get(database, (await keeper.keep("secret"))[0]))


async def test_captures_together_are_kept_all_or_none(database: Database, keeper: Keeper) -> None:
    first, _ = await keeper.keep("same")
    captures = [
        Capture(device=device, source=source, content=text, normalised=text)
        for device, source, text in (
            (R2, "running", "new"),
            (R1, "running", "same"),
            (R1, "startup", "new"),
        )
    ]

    async def keep_all(*more: Capture) -> list[snapshots.KeptVersion]:
        return await snapshots.keep_all(
            database,
            [*captures, *more],
            task_id=keeper.task_id,
            run_id=keeper.run_id,
            destination="configs",
        )

    gone = R1.model_copy(update={"id": DeviceId(uuid4()), "name": "gone"})
    with pytest.raises(NotFound, match="gone"):
        await keep_all(Capture(device=gone, source="running", content="x", normalised="x"))
    assert [found.id for found in await snapshots.list_versions(database)] == [first]

    kept = await keep_all()
    assert [one.made for one in kept] == [True, False, True]
    assert kept[1] == snapshots.KeptVersion(first, made=False, run_id=keeper.run_id)
    assert [one.made for one in await keep_all()] == [False] * 3
    assert (await snapshots.get(database, kept[0].id)).device_name == "r2"


async def test_the_text_seen_last_is_known_of_the_newest_version_alone(
    database: Database, keeper: Keeper
) -> None:
    async def seen(*texts: str, device: Device = R1) -> list[snapshots.SeenVersion | None]:
        wanted = [(device.id, "running", text) for text in texts]
        return await snapshots.seen_all(database, wanted, destination="configs")

    assert await seen("a\nuptime 1\n") == [None]
    first, _ = await keeper.keep("a\nuptime 1\n")
    known = snapshots.SeenVersion(first, run_id=keeper.run_id, lines=1)
    assert await seen("a\n", "a\nuptime 1\n") == [None, known]
    assert await seen("a\nuptime 1\n", device=R2) == [None]
    # The same version in other words: these are the ones to know.
    assert await keeper.keep("a\nuptime 2\n") == (first, False)
    assert await seen("a\nuptime 1\n", "a\nuptime 2\n") == [None, known]
    await keeper.keep("b\n")
    assert await seen("a\nuptime 2\n") == [None]
    # As in a history from before texts were remembered.
    async with database.transaction() as connection:
        await connection.execute("UPDATE config_snapshots SET seen_sha256 = NULL")
    assert await seen("b\n") == [None]
    assert not (await keeper.keep("b\n"))[1]
    assert [one is not None for one in await seen("b\n")] == [True]


async def test_groups_of_captures_in_any_order_do_not_wait_for_each_other_for_ever(
    database: Database, keeper: Keeper
) -> None:
    async def keep(number: int, devices: tuple[Device, ...]) -> None:
        text = f"text {number}"
        await snapshots.keep_all(
            database,
            [Capture(device=d, source="running", content=text, normalised=text) for d in devices],
            task_id=keeper.task_id,
            run_id=keeper.run_id,
            destination="configs",
        )

    await asyncio.gather(*(keep(n, (R1, R2) if n % 2 else (R2, R1)) for n in range(20)))
    assert len(await snapshots.list_versions(database)) == 40


async def test_the_versions_before_many_are_found_at_once(
    database: Database, keeper: Keeper
) -> None:
    made = [(await keeper.keep(text))[0] for text in "abc"]
    other = (await keeper.keep("a", source="startup"))[0]
    found = await snapshots.before_each(database, [*made, other, SnapshotId(uuid4())])
    assert found == {made[1]: made[0], made[2]: made[1]}
