"""Who may see the page at all."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from netstacks_tasks.store import audit
from tests.served import PASSWORD, Served, served, settings_for


@pytest_asyncio.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(settings_for(database_url, tmp_path)) as running:
        yield running


async def test_nobody_sees_anything_without_signing_in(site: Served) -> None:
    async with site.page(None) as browser:
        answer = await browser.get("/tasks?text=core")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=/tasks%3Ftext%3Dcore"
        part = await browser.get("/tasks", headers={"HX-Request": "true"})
        assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/sign-in")


async def test_signing_in_and_out(site: Served) -> None:
    async with site.page(None) as browser:
        form = {"name": "viewer", "password": PASSWORD, "next": "/tasks?text=core"}
        answer = await browser.post("/sign-in", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/tasks?text=core")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        shown = await browser.get("/tasks")
        assert shown.status_code == 200
        found = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
        assert found
        assert (await browser.post("/sign-out")).status_code == 403
        old = dict(browser.cookies)
        out = await browser.post("/sign-out", data={"csrf_token": found[1]})
        assert out.headers["location"] == "/sign-in"
        browser.cookies.update(old)
        assert (await browser.get("/tasks")).status_code == 303
    said = {(one.actor, one.action) for one in await audit.find(site.netstacks.db)}
    assert ("user:viewer", "signed in") in said


async def test_a_page_of_another_site_can_do_nothing(site: Served) -> None:
    async with site.page("admin") as browser:
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert (await browser.post("/sign-out", headers=headers)).status_code == 403
        elsewhere = await browser.get("/tasks", headers={"Host": "evil.example"})
        assert elsewhere.status_code == 400


async def test_guessing_is_slowed_down(site: Served) -> None:
    async with site.page(None) as browser:
        form = {"name": "admin", "password": "wrong password here", "next": "//evil.example"}
        for _ in range(5):
            answer = await browser.post("/sign-in", data=form)
            assert answer.status_code == 401
            assert 'value="admin"' in answer.text
            assert "wrong password here" not in answer.text
            assert 'name="next" value="/"' in answer.text
        assert (await browser.post("/sign-in", data=form)).status_code == 429
        right = {"name": "admin", "password": PASSWORD}
        assert (await browser.post("/sign-in", data=right)).status_code == 429


async def test_a_browser_is_told_to_trust_nobody_else(site: Served) -> None:
    async with site.page(None) as browser:
        answer = await browser.get("/sign-in")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        styles = re.search(r'href="(/static/app\.css\?v=[0-9a-f]+)"', answer.text)
        assert styles
        kept = await browser.get(styles[1])
        assert "immutable" in kept.headers["cache-control"]
