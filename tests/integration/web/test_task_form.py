"""The form of a task over HTTP, as a browser without scripts uses it and as htmx does."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import pytest_asyncio
from psycopg import sql

from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.store import tasks
from netstacks_tasks.store.audit import AuditSearch, find
from tests import web_data
from tests.integration.web.form_reading import form_in
from tests.served import Served, served, settings_for

PART: Final = {"HX-Request": "true"}
SCRIPT: Final = "\n# </textarea><b>\nprint('a')\n"


@pytest_asyncio.fixture(scope="module")
async def site(
    postgres: EmbeddedPostgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """One for all: each test has tasks of its own."""
    name = f"forms_{uuid4().hex}"
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template_database)
    )
    async with await psycopg.AsyncConnection.connect(postgres.url(), autocommit=True) as admin:
        await admin.execute(make)
    settings = settings_for(postgres.url(name), tmp_path_factory.mktemp("forms"))
    async with served(settings) as running:
        await web_data.fill(running.netstacks.db, more=0)
        yield running


@pytest_asyncio.fixture(scope="module")
async def browser(site: Served) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's."""
    async with site.page("operator") as signed_in:
        yield signed_in


async def made(site: Served, answer: httpx.Response) -> Task:
    assert answer.status_code == 303, answer.text
    return await tasks.get(site.netstacks.db, TaskId(UUID(answer.headers["location"][7:])))


def errors(text: str) -> dict[str, str]:
    """By the id of the field."""
    found = re.findall(r'<p class="error" id="([^"]+)-error">([^<]+)</p>', text)
    return {name: html.unescape(said) for name, said in found}


async def test_each_type_is_made_from_its_form(site: Served, browser: httpx.AsyncClient) -> None:
    wanted: dict[str, dict[str, Any]] = {
        "backup": {
            "parameters.target_id": "core-routers",
            "parameters.destination": "config-snapshots/core",
        },
        "health_check": {"parameters.credential_id": str(web_data.LOGIN)},
        "deployment": {"parameters.stack_instance_id": str(web_data.INSTANCE)},
        "custom_script": {"parameters.script": SCRIPT, "parameters.arguments": "a\r\nb c\r\n"},
        "agent_task": {"parameters.prompt": "Which peers are down?"},
    }
    chosen = (await browser.get("/tasks/new")).text
    for kind, typed in wanted.items():
        assert f'href="/tasks/new?type={kind}"' in chosen
        opened = form_in((await browser.get(f"/tasks/new?type={kind}")).text)
        sent = {**opened, **typed, "name": f"New {kind}", "timezone": "Europe/Berlin"}
        task = await made(site, await browser.post("/tasks/new", data=sent))
        assert (task.name, task.spec.task_type) == (f"New {kind}", kind)
        assert (task.spec.enabled, task.spec.timezone) == (True, "Europe/Berlin")
        assert task.next_run_at is not None
        edited = form_in((await browser.get(f"/tasks/{task.id}/edit")).text)
        again = await browser.post(f"/tasks/{task.id}/edit", data=edited)
        assert (await made(site, again)).spec == task.spec
    backup = (await tasks.get(site.netstacks.db, "New backup")).spec
    assert backup.parameters.model_dump(mode="json", exclude_none=True) == {
        "type": "backup",
        "target_type": "device_group",
        "target_id": str(web_data.CORE),
        "destination": "config-snapshots/core",
    }
    script = (await tasks.get(site.netstacks.db, "New custom_script")).spec.parameters
    assert script.model_dump()["script"] == SCRIPT
    assert script.model_dump()["arguments"] == ("a", "b c")
    [entry] = await find(site.netstacks.db, AuditSearch(object_id=backup.id))
    assert (entry.actor, entry.via, entry.action) == ("user:operator", "page", "created")


async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    browser: httpx.AsyncClient,
) -> None:
    opened = form_in((await browser.get("/tasks/new?type=custom_script")).text)
    typed = {
        **opened,
        "name": "a/b",
        "cron_expression": "61 * * * *",
        "timezone": "new york",
        "max_retries": "many",
        "parameters.script": f"#!/bin/bash{SCRIPT}",
        "parameters.target_type": "device",
        "parameters.target_id": "ams1",
    }
    refused = await browser.post("/tasks/new", data=typed)
    assert refused.status_code == 422
    assert form_in(refused.text) == typed
    said = errors(refused.text)
    assert said["parameters-target_id"].startswith("there is no device named 'ams1': did you")
    assert said["max_retries"] == "must be a whole number: got 'many'"
    try:
        parse_task({"name": "a/b", "cron_expression": "61 * * * *", "timezone": "new york"})
    except InvalidInput as error:
        told = {problem.field: problem.message for problem in error.problems}
    for name in ("name", "cron_expression", "timezone"):
        assert said[name] == told[name]
        assert f'<a href="#{name}">' in refused.text
    described = 'aria-describedby="name-hint name-error" aria-invalid="true"'
    assert re.search(f'id="name" [^>]*{described} aria-required="true" autofocus', refused.text)
    assert "#!/bin/bash" in said["parameters-interpreter"]
    # The database's own findings come the same way, and htmx gets the form alone.
    taken = {**opened, "name": "Edge Reachability", "parameters.script": "print()"}
    part = await browser.post("/tasks/new", data=taken, headers=PART)
    assert (part.status_code, "<html" in part.text) == (422, False)
    assert errors(part.text)["name"].startswith("there is another task named")
    saved = await browser.post("/tasks/new", data={**taken, "name": "Free"}, headers=PART)
    assert saved.status_code == 204
    assert saved.headers["HX-Redirect"].startswith("/tasks/")


async def test_the_second_of_two_editors_sees_what_the_first_changed(
    site: Served, browser: httpx.AsyncClient
) -> None:
    task = await tasks.get(site.netstacks.db, "Nightly Core Router Backup")
    address = f"/tasks/{task.id}/edit"
    async with site.page("admin") as other:
        mine = form_in((await browser.get(address)).text)
        theirs = form_in((await other.get(address)).text)
        assert mine["parameters.target_id"] == "core-routers"
        changed = {**theirs, "max_retries": "7", "cron_expression": "0 4 * * *"}
        assert (await other.post(address, data=changed)).status_code == 303
        late = {**mine, "name": "Mine", "cron_expression": "0 5 * * *"}
        conflict = await browser.post(address, data=late)
        assert conflict.status_code == 422
        assert "Somebody else saved this task meanwhile (admin, " in conflict.text
        shown = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in
                 re.findall(r"<tr>(.*?)</tr>", conflict.text, re.DOTALL)]  # fmt: skip
        cron = next(" ".join(row) for row in shown if row[:2] == ["Schedule", "(cron)"])
        assert "0 2 * * * 0 4 * * * 0 5 * * * yours, over theirs" in cron
        merged = form_in(conflict.text)
        assert (merged["name"], merged["max_retries"], merged["cron_expression"]) == (
            "Mine",
            "7",
            "0 5 * * *",
        )
        assert ">Save mine over theirs<" in conflict.text
        assert f'href="{address}">Take theirs<' in conflict.text
        over = (await made(site, await browser.post(address, data=merged))).spec
        assert (over.name, over.max_retries, over.cron_expression) == ("Mine", 7, "0 5 * * *")


async def test_a_copy_and_a_change_of_type_keep_what_fits(
    site: Served, browser: httpx.AsyncClient
) -> None:
    task = await tasks.get(site.netstacks.db, "Count Interface Errors")
    copy = await browser.get(f"/tasks/new?from={task.id}")
    form = form_in(copy.text)
    assert "A copy of <strong>Count Interface Errors" in copy.text
    assert form["name"] == "Count Interface Errors (copy)"
    assert "alert('script')" in str(form["parameters.script"])
    assert "<script>alert" not in copy.text
    other = {**form, "task_type": "health_check"}
    health = await browser.post("/tasks/new/type", data=other)
    assert 'name="parameters.checks"' in health.text
    kept = form_in(health.text)
    assert (kept["name"], kept["timeout_seconds"]) == (form["name"], "120")
    back = await browser.post("/tasks/new/type", data={**kept, "task_type": "custom_script"})
    assert form_in(back.text)["parameters.script"] == form["parameters.script"]


async def test_what_is_asked_for_while_typing(browser: httpx.AsyncClient) -> None:

    async def part(path: str, **asked: str) -> str:
        return html.unescape((await browser.get(f"/tasks/new/{path}", params=asked)).text)

    shown = await part("preview", cron_expression="0 2 * * *", timezone="Asia/Kolkata")
    assert "At 02:00 (Asia/Kolkata)" in shown
    assert len(re.findall(r"\w+ \d+ \w+(?: \d{4})? 02:00 IST</td>", shown)) == 5
    wrong = await part("preview", cron_expression="0 2 * *", timezone="Mars")
    assert re.search(r'id="cron_expression-error" hx-swap-oob="true">has 4 fields', wrong)
    assert re.search(r'id="timezone-error" hx-swap-oob="true">.Mars. is no IANA', wrong)
    zones = (await browser.get("/tasks/new/zones", params={"text": "new york"})).json()
    assert [one["value"] for one in zones["options"]] == ["America/New_York"]
    found = {"kind": "device", "text": "EDGE-"}
    devices = (await browser.get("/tasks/new/targets", params=found)).json()
    assert len(devices["options"]) == 12
    assert "192.0.2." in devices["options"][0]["note"]
    look = await browser.get(
        "/tasks/new/script", params={"parameters.script_id": str(web_data.SCRIPT)}
    )
    assert "print(&#39;&lt;b&gt;" in look.text
    form = form_in((await browser.get("/tasks/new?type=health_check")).text)
    half = {**form, "parameters.target_type": "device_group", "timeout_seconds": "30"}
    half["parameters.target_id"] = "edge-switches"
    advice = (await browser.post("/tasks/new/advice", data=half)).text
    assert "Works on 12 devices." in advice
    assert "120 or more is advised" in advice
    document = html.unescape((await browser.post("/tasks/new/document", data=half)).text)
    assert f'"target_id": "{web_data.EDGE}"' in document
    nowhere = await browser.get("/tasks/new/script", params={"parameters.script_id": "x"})
    assert nowhere.status_code == 404


async def test_a_viewer_makes_and_changes_nothing(site: Served, browser: httpx.AsyncClient) -> None:
    task = await tasks.get(site.netstacks.db, "Edge Reachability")
    async with site.page("viewer") as viewer:
        for path in ("new", "new?type=backup", "new/zones", f"{task.id}/edit"):
            assert (await viewer.get(f"/tasks/{path}")).status_code == 403
        form = form_in((await browser.get(f"/tasks/{task.id}/edit")).text)
        assert (await viewer.post(f"/tasks/{task.id}/edit", data=form)).status_code == 403
        unsigned = {**form, "csrf_token": "0"}
        assert (await browser.post(f"/tasks/{task.id}/edit", data=unsigned)).status_code == 403
    assert (await tasks.get(site.netstacks.db, task.id)).revision == task.revision
