"""Credentials over the API: what goes in never comes out."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from prefect.client.orchestration import get_client

from netstacks_tasks.embedded.credentials import BLOCK_TYPE
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.store import audit
from tests.integration.api import world
from tests.served import Served, served, settings_for

NEW = {"name": "Edge", "username": "backup", "password": "canary-1", "snmp_community": "canary-2"}


@pytest_asyncio.fixture
async def site(prefect_stack: Stack, database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(settings_for(database_url, tmp_path, prefect_stack.api_url)) as running:
        await world.fill(running.netstacks.db)
        yield running


async def _secrets_of(block: str) -> dict[str, object]:
    async with get_client() as client:
        found = await client.read_block_document_by_name(block, BLOCK_TYPE, include_secrets=True)
    return dict(found.data)


async def test_secrets_go_into_a_block_and_nowhere_else(
    site: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = []
    async with site.api("admin") as client:
        made = await client.post("credentials", json=NEW)
        assert made.status_code == 201, made.text
        block = made.json()["block_name"]
        assert (await _secrets_of(block))["password"] == "canary-1"
        seen = {"If-Match": made.headers["etag"]}
        other = {"name": "Edge", "username": "backup", "password": "canary-3"}
        replaced = await client.put("credentials/Edge", json=other, headers=seen)
        assert replaced.json() == made.json()
        kept = await _secrets_of(block)
        assert (kept["password"], kept.get("snmp_community")) == ("canary-3", None)
        for document, fields in (
            ({"name": "x", "pasword": "canary-4"}, {"pasword"}),
            ({"name": "x", "password": "canary-4"}, {"username"}),
            ({"name": "x", "username": "u", "password": {"canary-4": 1}}, {"password"}),
            ({"name": "x", "username": "u", "private_key": "canary-4"}, {"private_key"}),
            ({"name": "x", "username": "u", "block": "there"}, {"block"}),
            ({"name": "x", "block": "not-there"}, {"block"}),
            ({"name": "x", "block": "a/b"}, {"block"}),
            ({"name": "x\n", "username": "u"}, {"name"}),
            (NEW, {"name"}),
        ):
            refused = await client.post("credentials", json=document)
            assert refused.status_code == 422, refused.text
            assert {one["field"] for one in refused.json()["errors"]} == fields
            answers.append(refused)
        same = await client.post("credentials", json={"name": "Same", "block": block})
        assert same.status_code == 201
        answers += [made, replaced, same, await client.get("credentials")]
        gone = await client.delete("credentials/Same")
        used = await client.delete("credentials/login")
        assert (gone.status_code, used.status_code) == (204, 409)
    log = await audit.find(site.netstacks.db)
    assert ("token:admin", "secrets replaced") in {(one.actor, one.action) for one in log}
    for text in (*(one.text for one in answers), str(log), caplog.text):
        assert "canary" not in text


async def test_only_administrators_save_them(api_site: Served) -> None:
    async with api_site.api("operator") as client, api_site.api("viewer") as viewer:
        found = (await client.get("credentials")).json()["items"]
        assert [one["name"] for one in found] == ["core-login", "login"]
        for refused in (
            await viewer.get("credentials"),
            await client.post("credentials", json=NEW),
            await client.put("credentials/login", json=NEW),
            await client.delete("credentials/login"),
        ):
            assert refused.status_code == 403
    async with api_site.api("admin") as client:
        # Prefect is not there: that is told, and nothing is saved.
        away = await client.post("credentials", json=NEW)
        assert (away.status_code, "canary" in away.text) == (503, False)
        assert (await client.get("credentials/Edge")).status_code == 404
        broken = await client.post(
            "credentials",
            content=b'{"password": "canary", "password": ',
            headers={"Content-Type": "application/json"},
        )
        assert (broken.status_code, "canary" in broken.text) == (422, False)
