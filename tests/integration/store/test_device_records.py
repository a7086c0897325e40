"""What is remembered per device: host keys, and which checks are up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from uuid import uuid4

import pytest

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import HostKey
from netstacks_tasks.store import check_states, inventory_changes
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.host_keys import StoredHostKeys
from tests.integration.store import samples
from tests.integration.store.samples import R1, R2


def key(number: int, algorithm: str = "ssh-ed25519") -> HostKey:
    return HostKey(algorithm=algorithm, public_key=f"AAAA{number}", fingerprint=f"SHA256:{number}")


def seen(keys: tuple[HostKey, ...]) -> list[HostKey]:
    assert all(found.first_seen_at is not None for found in keys)
    return [found.model_copy(update={"first_seen_at": None}) for found in keys]


async def test_the_first_key_is_trusted_and_no_other(database: Database) -> None:
    await samples.fill(database)
    keys = StoredHostKeys(database)
    assert await keys.known(R1.id) == ()
    assert seen(await keys.trust(R1.id, key(1))) == [key(1)]
    assert seen(await keys.trust(R1.id, key(2))) == [key(1)]
    assert seen(await keys.trust(R1.id, key(3, "rsa-sha2-512"))) == [key(1)]
    assert seen(await keys.known(R1.id)) == [key(1)]
    assert await keys.known(R2.id) == ()


async def test_of_sessions_that_race_one_is_first(database: Database) -> None:
    await samples.fill(database)
    keys = StoredHostKeys(database)
    kinds = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"]
    trusted = await asyncio.gather(
        *(keys.trust(R1.id, key(number, kinds[number % 3])) for number in range(9))
    )
    assert len(set(trusted)) == 1
    assert len(trusted[0]) == 1


async def test_a_key_that_a_person_gave_up_is_forgotten(database: Database) -> None:
    await samples.fill(database)
    keys = StoredHostKeys(database)
    await keys.trust(R1.id, key(1))
    assert await keys.forget(R1.id) == 1
    assert seen(await keys.trust(R1.id, key(2))) == [key(2)]


async def test_keys_read_ahead_answer_once(database: Database) -> None:
    await samples.fill(database)
    keys = StoredHostKeys(database)
    await keys.trust(R1.id, key(1))
    await keys.read_ahead([R1.id, R2.id, DeviceId(uuid4())])
    await keys.forget(R1.id)
    assert seen(await keys.known(R1.id)) == [key(1)]
    # Asked again, it is the inventory that answers.
    assert await keys.known(R1.id) == ()
    # A device that had none may have got one meanwhile: then that one counts.
    await StoredHostKeys(database).trust(R2.id, key(2))
    assert await keys.known(R2.id) == ()
    assert seen(await keys.trust(R2.id, key(3))) == [key(2)]
    assert seen(await keys.known(R2.id)) == [key(2)]


async def test_many_new_devices_are_met_together(database: Database) -> None:
    await samples.fill(database)
    await StoredHostKeys(database).trust(R2.id, key(2))
    keys, nobody = StoredHostKeys(database), DeviceId(uuid4())
    went = await asyncio.gather(
        keys.trust(R1.id, key(1)),
        keys.trust(R2.id, key(3)),
        keys.trust(nobody, key(4)),
        keys.trust(R1.id, key(5)),
        return_exceptions=True,
    )
    assert isinstance(went[2], NotFound)
    assert [seen(one) for one in went if not isinstance(one, BaseException)] == [
        [key(1)],
        [key(2)],
        [key(1)],
    ]


async def test_no_key_of_a_device_that_is_not_there(database: Database) -> None:
    with pytest.raises(NotFound, match="no device"):
        await StoredHostKeys(database).trust(DeviceId(uuid4()), key(1))


async def test_transitions(database: Database) -> None:
    await samples.fill(database)
    went = [
        await check_states.observe(database, R1.id, "ping", up=up)
        for up in (True, True, False, False, True)
    ]
    assert went == [False, False, True, False, True]
    # What was down from the start did not go down.
    assert not await check_states.observe(database, R2.id, "ping", up=False)
    states = await check_states.states(database)
    assert [(s.device_name, s.item, s.up) for s in states] == [
        ("r2", "ping", False),
        ("r1", "ping", True),
    ]
    assert [s.device_name for s in await check_states.states(database, device_id=R1.id)] == ["r1"]


async def test_since_moves_with_the_state_only(database: Database) -> None:
    await samples.fill(database)

    async def state() -> check_states.CheckState:
        return (await check_states.states(database))[0]

    await check_states.observe(database, R1.id, "ssh", up=True)
    first = await state()
    await check_states.observe(database, R1.id, "ssh", up=True)
    second = await state()
    await check_states.observe(database, R1.id, "ssh", up=False)
    third = await state()
    assert first.since == second.since < third.since
    assert first.checked_at < second.checked_at < third.checked_at


async def test_of_observers_at_once_one_sees_the_transition(database: Database) -> None:
    await samples.fill(database)
    await check_states.observe(database, R1.id, "ssh", up=True)
    went = await asyncio.gather(
        *(check_states.observe(database, R1.id, "ssh", up=False) for _ in range(8))
    )
    assert sum(went) == 1


async def test_a_device_that_is_gone_has_no_state(database: Database) -> None:
    assert not await check_states.observe(database, DeviceId(uuid4()), "ssh", up=True)
    assert await check_states.states(database) == []


async def test_what_is_observed_together_counts_one_after_the_other(database: Database) -> None:
    await samples.fill(database)
    seen_now = [(R1.id, True), (R2.id, True), (DeviceId(uuid4()), True), (R1.id, False)]
    went = await check_states.observe_all(
        database,
        [
            check_states.Observation(device_id=device_id, item="ping", up=up)
            for device_id, up in seen_now
        ],
    )
    assert went == [False, False, False, True]
    states = await check_states.states(database)
    assert [(s.device_name, s.up) for s in states] == [("r1", False), ("r2", True)]


async def _observed(database: Database) -> None:
    seen = [check_states.Observation(device_id=one.id, item="ping", up=True) for one in (R1, R2)]
    await check_states.observe_all(database, seen)


async def _trusted(database: Database) -> None:
    keys = StoredHostKeys(database)
    await asyncio.gather(keys.trust(R1.id, key(1)), keys.trust(R2.id, key(2)))


@pytest.mark.parametrize("record", [_observed, _trusted])
async def test_an_import_and_a_run_never_wait_for_each_other(
    database: Database, record: Callable[[Database], Coroutine[None, None, None]]
) -> None:
    await samples.fill(database)
    first, last = sorted((R1, R2), key=lambda one: one.id)
    moved = [one.model_copy(update={"host": "127.0.0.2"}) for one in (last, first)]
    async with database.transaction() as held:
        await held.execute("SELECT FROM devices WHERE id = %s FOR UPDATE", [first.id])
        recording = asyncio.create_task(record(database))
        await samples.eventually(lambda: samples.wait_for_locks(database, 1))
        importing = asyncio.create_task(inventory_changes.save(database, moved))
        await samples.eventually(lambda: samples.wait_for_locks(database, 2))
    await asyncio.gather(recording, importing)
