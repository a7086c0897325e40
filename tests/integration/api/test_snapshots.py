"""Configurations over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from netstacks_tasks.store import audit, runs, tasks
from tests.integration.store.samples import run_id, task
from tests.integration.store.test_snapshots import Keeper
from tests.served import Served

FIRST = "hostname r1\nenable secret canary-one\nvlan 10\nsnmp-server community canary-two RO\n"


async def _keep(keeper: Keeper, content: str) -> UUID:
    kept, _ = await keeper.keep(content, destination="configs/core")
    return kept


async def test_configurations_are_listed_read_and_compared(api_site: Served) -> None:
    db = api_site.netstacks.db
    made = await tasks.create(db, task())
    now = datetime.now(UTC)
    await runs.upsert_run(db, run_id("one"), made.id, trigger="manual", scheduled_for=now)
    keeper = Keeper(db, made.id, run_id("one"))
    old = await _keep(keeper, FIRST)
    second = FIRST.replace("vlan 10", "vlan 20").replace("canary-one", "canary-three")
    new = await _keep(keeper, second)

    async with api_site.api("viewer") as client:
        page = await client.get("snapshots", params={"device": "r1", "limit": 1})
        assert [one["id"] for one in page.json()["items"]] == [str(new)]
        rest = await client.get(page.links["next"]["url"].removeprefix("/api/v1/"))
        assert [one["id"] for one in rest.json()["items"]] == [str(old)]
        assert (await client.get("snapshots", params={"source": "startup"})).json()["items"] == []
        one = (await client.get(f"snapshots/{new}")).json()
        assert (one["device_name"], one["task_id"]) == ("r1", str(made.id))

        content = await client.get(f"snapshots/{new}/content")
        assert content.headers["content-type"].startswith("text/plain")
        assert "enable secret <hidden>" in content.text
        assert "vlan 20" in content.text
        diff = await client.get(f"snapshots/{new}/diff")
        changed = [line for line in diff.text.splitlines() if line[:1] in "+-"][2:]
        # A secret that differs is told as such, and not what it is.
        assert changed == [
            "-enable secret <hidden>",
            "-vlan 10",
            "+enable secret <hidden>",
            "+vlan 20",
        ]
        back = await client.get(
            f"snapshots/{old}/diff",
            params={"against": str(new)},
            headers={"Accept": "application/json"},
        )
        assert (back.json()["added"], back.json()["removed"]) == (2, 2)
        assert back.json()["before"]["id"] == str(new)
        assert (await client.get(f"snapshots/{old}/diff")).status_code == 404
        assert "canary" not in content.text + diff.text + back.text
        shown = {"secrets": "shown"}
        for path in (f"snapshots/{new}/content", f"snapshots/{new}/diff"):
            assert (await client.get(path, params=shown)).status_code == 403
    async with api_site.api("operator") as client:
        assert (await client.get(f"snapshots/{new}/content", params=shown)).text == second
        assert "canary-three" in (await client.get(f"snapshots/{new}/diff", params=shown)).text
    saw = [one for one in await audit.find(db) if one.action == "saw secrets"]
    assert {(one.actor, one.object_name) for one in saw} == {("token:operator", "r1")}
    assert len(saw) == 3


async def test_what_is_not_there(api_site: Served) -> None:
    async with api_site.api("viewer") as client:
        nothing = UUID(int=1)
        for path, status in (
            (f"snapshots/{nothing}", 404),
            (f"snapshots/{nothing}/content", 404),
            ("snapshots/none", 422),
            (f"snapshots?before={nothing}", 422),
            ("snapshots?device=%00", 422),
            ("snapshots?limit=501", 422),
        ):
            assert (await client.get(path)).status_code == status, path
