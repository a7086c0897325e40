"""Configurations as a person looks at them."""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest_asyncio

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import audit, inventory_changes, runs, snapshots, tasks
from netstacks_tasks.store.database import Database
from tests.integration.store.samples import R1, fill, run_id, task, uid
from tests.served import Served, served, settings_for

ROUTER = Device(id=DeviceId(uid("ios")), name="core-1 & co", host="127.0.0.1", platform="ios")
CONFIG = """\
! Last configuration change at 02:00:00 UTC Wed Nov 25 2026
hostname core-1
username admin secret 9 $9$login.canary
snmp-server community first-canary RO
interface Gi0/1
 description <script>alert(1)</script> uplink \u202ereversed
 ip address 10.0.0.1 255.255.255.0
 no shutdown
!
"""
FILLING = "".join(f"vlan {number}\n name v{number}\n" for number in range(2, 40))
OLD = f"{CONFIG}{FILLING}end\n"
NEW = OLD.replace("10.0.0.1", "10.0.0.9").replace("first-canary", "other-canary")
NEW = NEW.replace("vlan 30\n", "vlan 30\n shutdown\n").replace("02:00:00", "03:00:00")


@pytest_asyncio.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(settings_for(database_url, tmp_path)) as running:
        await fill(running.netstacks.db)
        await inventory_changes.save(running.netstacks.db, (ROUTER,))
        yield running


async def keep(db: Database, of: Device, *texts: str) -> list[UUID]:
    made = await tasks.create(db, task(f"Backup of {of.platform}"))
    ran = run_id(of.name)
    await runs.upsert_run(db, ran, made.id, trigger="manual", scheduled_for=datetime.now(UTC))
    found: list[UUID] = []
    for text in texts:
        kept, changed = await snapshots.keep(
            db,
            device=of,
            task_id=made.id,
            run_id=ran,
            destination="configs/core",
            source="running",
            content=text,
            normalised=normalise(of.platform, text),
        )
        assert changed
        found.append(kept)
    return found


async def test_from_the_devices_to_what_changed(site: Served) -> None:
    db = site.netstacks.db
    old, new = await keep(db, ROUTER, OLD, NEW)
    await keep(db, R1, "hostname r1\n")
    async with site.page("viewer") as browser:
        listed = await browser.get("/snapshots", params={"text": "CORE"})
        assert "core-1 &amp; co" in listed.text
        assert ">r1<" not in listed.text
        versions = await browser.get(_links(listed.text, "/snapshots?device")[0])
        assert re.search(rf'name="before" value="{old}" required checked', versions.text)
        assert re.search(rf'name="after" value="{new}" required checked', versions.text)
        assert "Backup of ios" in versions.text
        one = await browser.get(f"/snapshots/{old}")
        assert f'href="/snapshots/{new}" rel="next"' in one.text
        assert 'rel="prev"' not in one.text
        first = await browser.get(f"/snapshots/diff?after={old}")
        assert "the first version" in first.text
        # By default the one before it.
        shown = await browser.get(f"/snapshots/diff?after={new}")
        assert "+ 3 lines added" in shown.text
        assert "− 2 lines removed" in shown.text
        assert "<mark>10.0.0.9</mark>" in shown.text
        assert "(the hidden part differs)" in shown.text
        fold = await browser.get(_links(shown.text, "/snapshots/diff/fold")[0])
        assert ">name v2<" not in shown.text
        assert 'autofocus><td class="n old">10</td>' in fold.text
        every = await browser.get(f"/snapshots/diff?after={new}&view=unified&lines=all")
        assert "/snapshots/diff/fold" not in every.text
        assert every.text.count("<tr") - 1 == len(NEW.splitlines()) - 1 + 2
        same = await browser.get(f"/snapshots/diff?after={new}&before={new}&view=side")
        assert "No difference" in same.text
        for wrong in (f"diff?after={uuid4()}", str(uuid4()), "odd", f"diff?after={new}&view=odd"):
            assert (await browser.get(f"/snapshots/{wrong}")).status_code == 404
        nul = await browser.get("/snapshots", params={"text": "\x00"})
        assert nul.status_code == 422


async def test_secrets_are_shown_to_whoever_may_see_them_and_that_is_recorded(
    site: Served,
) -> None:
    old, new = await keep(site.netstacks.db, ROUTER, OLD, NEW)
    places = (
        f"/snapshots/{new}?",
        f"/snapshots/{new}/download?",
        f"/snapshots/diff?after={new}&lines=all&",
        f"/snapshots/diff/download?after={new}&before={old}&",
        f"/snapshots/diff/fold?after={new}&before_start=0&after_start=0&count=9&",
    )
    async with site.page("viewer") as browser:
        for place in places:
            answer = await browser.get(place)
            assert answer.status_code == 200
            assert "canary" not in answer.text
            is_file = answer.headers["content-type"].startswith("text/plain")
            assert is_file or "<script>alert" not in answer.text
            refused = await browser.get(f"{place}secrets=shown")
            assert (refused.status_code, "canary" in refused.text) == (403, False)
        shown = await browser.get(places[0])
        assert "\u202e" not in shown.text
        assert "secrets=shown" not in shown.text
        patch = await browser.get(places[3])
        assert patch.text.splitlines()[2] == "@@ -1,9 +1,9 @@"
        assert 'filename="core-1%20%26%20co.diff"' in patch.headers["content-disposition"]
    async with site.page("operator") as browser:
        for place in places:
            assert "other-canary" in (await browser.get(f"{place}secrets=shown")).text
            led = await browser.get(
                f"{place}secrets=shown", headers={"Sec-Fetch-Site": "cross-site"}
            )
            assert (led.status_code, "canary" in led.text) == (403, False)
        whole = await browser.get(f"{places[1]}secrets=shown")
        assert whole.text == NEW
    entries = await audit.find(site.netstacks.db, audit.AuditSearch(object_id=new))
    assert {(one.actor, one.action, one.object_name) for one in entries} == {
        ("user:operator", "saw secrets", ROUTER.name)
    }
    assert len(entries) == len(places) + 1


async def test_pages_and_texts_that_are_long(site: Served) -> None:
    db = site.netstacks.db
    many = [f"hostname r1\nbanner {number}\n" for number in range(52)]
    await keep(db, R1, *many)
    stanza = "interface Gi{0}\n description a host\n ip ospf cost {1}\n no shutdown\n!\n"
    long = "".join(stanza.format(number, 1) for number in range(4000))
    wide = f"banner {'x' * 7000}\n"
    _, after, last = await keep(db, ROUTER, long, long.replace(" cost 1", " cost 10"), wide)
    async with site.page("viewer") as browser:
        newest = await browser.get("/snapshots?device=r1")
        older = await browser.get(_links(newest.text, "/snapshots?device=r1&destination=&")[0])
        assert (newest.text.count("<tr>"), older.text.count("<tr>")) == (51, 3)
        begun = time.monotonic()
        shown = await browser.get(f"/snapshots/diff?after={after}&view=unified")
        assert time.monotonic() - begun < 10
        assert "+ 4,000 lines added" in shown.text
        assert "more changed lines than a page can show" in shown.text
        assert len(shown.text) < 4_000_000
        assert "20,000 lines" in (await browser.get(f"/snapshots/{after}")).text
        assert "… 2,007 more characters" in (await browser.get(f"/snapshots/{last}")).text


def _links(text: str, begin: str) -> list[str]:
    found = re.findall(r'(?:href|hx-get)="([^"]+)"', text)
    return [link for one in found if (link := html.unescape(one)).startswith(begin)]
