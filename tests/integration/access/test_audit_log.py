"""Every change of what can be changed leaves one entry, with who made it."""

from __future__ import annotations

from collections import Counter

import pytest

from netstacks_tasks.access import bearer
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.access import Actor, AuditEntry
from netstacks_tasks.models.ids import ScriptId
from netstacks_tasks.models.inventory import HostKey
from netstacks_tasks.store import api_tokens, audit, inventory_changes, tasks, users
from netstacks_tasks.store.acting import acting_as
from netstacks_tasks.store.audit import AuditSearch, Deed
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.host_keys import StoredHostKeys
from netstacks_tasks.store.inventory_items import Script
from tests.integration.store.samples import (
    CORE,
    EMPTY,
    EVERYTHING,
    R1,
    R2,
    SCRIPT,
    STACK,
    fill,
    task,
)

ANNA = Actor(name="user:anna", via="page", address="192.0.2.7")
KEY = HostKey(algorithm="ssh-ed25519", public_key="AAAA", fingerprint="SHA256:x")


async def entries(db: Database, **wanted: object) -> list[AuditEntry]:
    return await audit.find(db, AuditSearch(limit=1000, **wanted))  # type: ignore[arg-type]


async def test_every_kind_of_thing_is_recorded_once_with_its_actor(database: Database) -> None:
    with acting_as(ANNA):
        await fill(database)
        made = await tasks.create(database, task())
        await StoredHostKeys(database).trust(R1.id, KEY)
        user = await users.create(database, "bert", "viewer", "canary-hash")
        issued = await bearer.issue(database, "ci", "viewer")
    found = await entries(database)
    assert {(one.actor, one.via, one.address) for one in found} == {
        ("user:anna", "page", "192.0.2.7")
    }
    assert {one.action for one in found} == {"created"}
    assert Counter(one.kind for one in found) == {
        "task": 1, "credential": 1, "device group": 2, "device": 2, "device group member": 2,
        "host key": 1, "script": 1, "stack": 1, "stack version": 1, "stack instance": 1,
        "user": 1, "token": 1,
    }  # fmt: skip
    names = {one.kind: one.object_name for one in found}
    assert names["device group member"] in {"r1 in core", "r2 in core"}
    assert (names["host key"], names["stack version"]) == ("r1", "stack")

    with acting_as(ANNA):
        await fill(database)
        await tasks.set_enabled(database, made.id, True)
    assert len(await entries(database)) == len(found), "what is written as it was is no change"

    with acting_as(Actor(name="token:ci", via="api")):
        await tasks.update(database, made.id, {"max_retries": 5})
        await users.change(database, user.id, password_hash="canary-other")
        await tasks.delete(database, made.id)
        await users.delete(database, user.id)
        await api_tokens.revoke(database, "ci")
        await StoredHostKeys(database).forget(R1.id)
    done = {(one.action, one.kind): one for one in await entries(database, actor="token:ci")}
    assert done["edited", "task"].changes == {"max_retries": [3, 5]}
    assert done["edited", "user"].changes == {"password_hash": [None, None]}
    assert {kind for action, kind in done if action == "deleted"} == {
        *("task", "user", "token", "host key")
    }
    everything = repr(await entries(database))
    assert "canary" not in everything
    assert issued.text not in everything


async def test_texts_are_kept_by_their_digests(database: Database) -> None:
    await fill(database)
    other = Script(id=ScriptId(SCRIPT.id), name=SCRIPT.name, body="print('canary-body')")
    await inventory_changes.save(database, [other])
    edited, made = await entries(database, object_id=SCRIPT.id)
    before, after = edited.changes["body"]
    assert before.startswith("sha256:")
    assert after.startswith("sha256:")
    assert before != after
    assert made.changes["body"][1] == before
    (version,) = await entries(database, kind="stack version")
    assert version.object_id == STACK.id
    assert "vlan" not in repr(version.changes["templates"])
    assert "canary" not in repr(edited)


async def test_the_sync_and_the_schedule_are_no_editors(database: Database) -> None:
    await fill(database)
    made = await tasks.create(database, task())
    token = await bearer.issue(database, "ci", "viewer")
    before = len(await entries(database))
    await bearer.bearer(database, f"Bearer {token.text}", None)
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE tasks SET synced_hash = 'x', synced_at = now(), sync_error = 'no',"
            " next_run_at = now(), last_run_at = now(), last_status = 'failed' WHERE id = %s",
            [made.id],
        )
    assert (await api_tokens.find(database))[0].last_used_at is not None
    assert len(await entries(database)) == before


async def test_what_nobody_is_named_for_is_the_databases_users(database: Database) -> None:
    await fill(database, CORE)
    (found,) = await entries(database)
    assert found.actor.startswith("database:")
    async with database.transaction() as connection:
        await connection.execute("UPDATE device_groups SET description = 'by hand'")
    assert (await entries(database))[0].changes == {"description": ["", "by hand"]}


async def test_a_change_that_is_not_made_is_not_recorded(database: Database) -> None:
    with pytest.raises(InvalidInput):
        # The first of them could be written.
        await fill(database, CORE, EMPTY.model_copy(update={"name": CORE.name}))
    assert await entries(database) == []


async def test_the_log_is_read_by_actor_kind_object_and_page(database: Database) -> None:
    with acting_as(ANNA):
        await fill(database, *EVERYTHING)
    with acting_as(Actor(name="cli:anna", via="cli")):
        await fill(database, R2.model_copy(update={"port": 2222}))
    deed = Deed(action="run", kind="task", object_name="x", details={"n": 1})
    await audit.record(database, deed, actor=Actor(name="token:anna2", via="api"))
    assert {one.via for one in await entries(database, actor="anna")} == {"page", "cli"}
    assert [one.changes for one in await entries(database, actor="cli:anna")] == [
        {"port": [22, 2222]}
    ]
    assert len(await entries(database, kind="device", object_id=R2.id)) == 2
    newest = await audit.find(database, AuditSearch(limit=2))
    assert newest[0].action == "run"
    older = await audit.find(database, AuditSearch(limit=2, before=newest[-1].id))
    assert [one.id for one in newest + older] == sorted(
        (one.id for one in newest + older), reverse=True
    )
