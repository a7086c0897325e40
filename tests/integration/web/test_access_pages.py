"""The audit log and one's own account, on the page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from netstacks_tasks.models.access import Actor
from netstacks_tasks.store import audit, inventory_changes
from netstacks_tasks.store.acting import acting_as
from netstacks_tasks.store.audit import Deed
from tests.integration.store.samples import CORE, EMPTY, SCRIPT
from tests.quick_hashes import make_hashes_quick
from tests.served import PASSWORD, Served, served, settings_for

NEW = "a new long password"


@pytest_asyncio.fixture
async def site(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    make_hashes_quick(monkeypatch)
    async with served(settings_for(database_url, tmp_path)) as running:
        yield running


def row_of(page: str, name: str) -> str:
    """The first row that tells of it, without its tags."""
    found = next(row for row in re.findall(r"(?s)<tr>(.*?)</tr>", page) if name in row)
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


async def test_administrators_read_who_did_what(site: Served) -> None:
    db = site.netstacks.db
    with acting_as(Actor(name="user:anna", via="page", address="192.0.2.7")):
        await inventory_changes.save(db, [CORE, EMPTY, SCRIPT])
        other = CORE.model_copy(update={"description": "<b>in</b> Köln"})
        await inventory_changes.save(db, [other])
    async with site.page("admin") as browser:
        shown = await browser.get("/audit")
        assert shown.status_code == 200
        said = row_of(shown.text, "K\N{LATIN SMALL LETTER O WITH DIAERESIS}ln")
        assert "user:anna 192.0.2.7 edited device group core" in said
        assert "description : was nothing → now &lt;b&gt;in&lt;/b&gt; Köln" in said
        assert SCRIPT.body not in shown.text
        only = await browser.get("/audit", params={"actor": "anna", "kind": "script"})
        assert only.text.count("<tr>") == 2
        assert "<option selected>script</option>" in only.text
        assert "Nothing was recorded" in (await browser.get("/audit?actor=nobody")).text
        assert (await browser.get(f"/audit?object_id={CORE.id}")).text.count("<tr>") == 3
        assert (await browser.get("/audit?object_id=x")).status_code == 404
        for number in range(150):
            deed = Deed(action="run", kind="odd kind", object_name=f"number {number}")
            await audit.record(db, deed, actor=Actor(name="python", via="python"))
        first = await browser.get("/audit?kind=odd+kind")
        assert first.text.count("<tr>") == 101
        older = re.search(r'href="([^"]+)" rel="next"', first.text)
        assert older
        second = await browser.get(older[1].replace("&amp;", "&"))
        assert second.text.count("<tr>") == 51
        assert "number 0<" in second.text
    async with site.page("operator") as browser:
        assert (await browser.get("/audit")).status_code == 403
        assert 'href="/audit"' not in (await browser.get("/account")).text


async def changed(browser: httpx.AsyncClient, **fields: str) -> httpx.Response:
    form = (await browser.get("/account")).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    return await browser.post("/account", data={"csrf_token": token[1], **fields})


async def test_everybody_changes_their_own_password(site: Served) -> None:
    async with site.page("viewer") as browser, site.page("viewer") as elsewhere:
        for fields, field, said in (
            ({"old_password": "x", "password": NEW, "again": NEW}, "old_password", "is not your"),
            ({"old_password": PASSWORD, "password": NEW, "again": "x"}, "again", "not the same"),
            ({"old_password": PASSWORD, "password": "x", "again": "x"}, "password", "12 to 1000"),
        ):
            refused = await changed(browser, **fields)
            assert refused.status_code == 422
            assert said in refused.text
            assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', refused.text)
            assert NEW not in refused.text
        done = await changed(browser, old_password=PASSWORD, password=NEW, again=NEW)
        assert (done.status_code, done.headers["location"]) == (303, "/account?changed=true")
        assert "was changed" in (await browser.get(done.headers["location"])).text
        assert (await elsewhere.get("/account")).status_code == 303
        again = await elsewhere.post("/sign-in", data={"name": "viewer", "password": NEW})
        assert again.status_code == 303
    (entry,) = [
        one
        for one in await audit.find(site.netstacks.db)
        if (one.action, one.object_name) == ("edited", "viewer")
    ]
    assert (entry.actor, entry.changes) == ("user:viewer", {"password_hash": [None, None]})
