"""The list of tasks: what it says, finds and lets people do."""

from __future__ import annotations

import re

import pytest

from netstacks_tasks.models.ids import GroupId
from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.store import inventory_changes, tasks
from netstacks_tasks.store.audit import AuditSearch, find
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import DeviceGroup
from tests import web_data
from tests.integration.store.samples import uid
from tests.integration.web.conftest import PART, Busy
from tests.served import served, settings_for


def names(text: str) -> list[str]:
    """Of the tasks in the table, in order."""
    return re.findall(r'<a id="task-[^>]+>([^<]+)</a>', text)


def row(text: str, name: str) -> str:
    """A task's row."""
    return next(one for one in text.split("<tr")[1:] if f">{name}</a>" in one)


async def test_what_the_list_says(busy: Busy) -> None:
    text = await busy.read("/tasks")
    nightly = row(text, "Nightly Core Router Backup")
    assert "Backup</td>" in nightly
    assert "At 02:00" in nightly
    assert "America/New_York" in nightly
    assert re.search(r"0[1-3]:00 E[SD]T</time></span> <span class=\"second\">in \d", nightly)
    assert 'class="state failed">Failed' in nightly
    assert f'href="/runs/{web_data.run_of(busy.tasks["Nightly Core Router Backup"])}"' in nightly
    assert "Timed out" in row(text, "Prune Old Images")
    assert "Missed" in row(text, "Weekly NTP Baseline")
    assert "never ran" in row(text, "Backup fra2 34")
    off = row(text, "Backup lon1 07")
    assert '<span class="faint">off' in off
    assert "checked" not in off
    assert re.search(r"<strong>40</strong> tasks", text)
    assert len(names(text)) == 40
    assert "disabled" not in nightly


async def test_what_went_wrong_of_late_stands_on_top(busy: Busy) -> None:
    text = await busy.read("/tasks")
    failures = text[text.index("Failures of the last 24 hours") : text.index("Filter the tasks")]
    assert failures.index("Nightly Core Router Backup") < failures.index("BGP Morning Report")
    assert "port 22 refuses" in failures
    # What a device printed is text, whatever it looks like, and colours no terminal.
    assert "&lt;script&gt;alert(&#39;device&#39;)" in failures
    assert "<script>alert" not in text
    assert "\x1b" not in text
    assert "fine again" in failures
    assert "Edge Reachability" not in failures


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ("text=core%20ROUTER", "Nightly Core Router Backup", 1),
        ("type=agent_task", "BGP Morning Report", 1),
        ("status=failing", "Nightly Core Router Backup", 2),
        ("status=missed", "Weekly NTP Baseline", 1),
        ("enabled=off", "Backup lon1 07", 1),
        ("status=open&enabled=on", "Edge Reachability", 1),
        ("sort=-name", "Weekly NTP Baseline", 40),
        ("sort=task_type", "BGP Morning Report", 40),
        ("sort=created%27--&type=x&page=-1&text=%00", "Backup ams1 01", 40),
    ],
)
async def test_filtering_and_sorting(busy: Busy, query: str, first: str, count: int) -> None:
    found = names(await busy.read(f"/tasks?{query}"))
    assert (found[0], len(found)) == (first, count)


async def test_pages_and_no_match(busy: Busy) -> None:
    assert "There are no more tasks" in await busy.read("/tasks?page=9")
    nothing = await busy.read("/tasks?text=%3Cscript%3Ealert(1)")
    assert "No task matches" in nothing
    assert "<script>alert(1)" not in nothing


async def test_a_live_search_gets_the_table_alone(busy: Busy) -> None:
    browser = busy.browsers["operator"]
    asked = "/tasks?text=core&type=&enabled=&status=&sort=-next_run_at"
    answer = await browser.get(asked, headers=PART)
    assert answer.text.lstrip().startswith('<div id="task-list"')
    assert answer.headers["HX-Push-Url"] == "/tasks?text=core&sort=-next_run_at"
    # It asks for news by itself, and is left alone while there are none.
    poll = re.search(r'hx-get="(/tasks[^"]+seen=[^"]+)"', answer.text)
    assert poll
    again = await browser.get(poll[1].replace("&amp;", "&"), headers=PART)
    if again.status_code == 200:  # a minute has passed, and "in 9 h 12 min" is news
        poll = re.search(r'hx-get="(/tasks[^"]+seen=[^"]+)"', again.text)
        assert poll
        again = await browser.get(poll[1].replace("&amp;", "&"), headers=PART)
    assert (again.status_code, again.headers.get("HX-Push-Url")) == (204, None)
    # Going back needs the whole page.
    restored = await browser.get(asked, headers=PART | {"HX-History-Restore-Request": "true"})
    assert "<!doctype html>" in restored.text


async def test_the_switch(busy: Busy) -> None:
    task = busy.tasks["Health fra2 02"]
    path = f"/tasks/{task.id}/enabled"
    off = await busy.post(path)
    assert (off.status_code, off.headers["location"]) == (303, f"/tasks/{task.id}")
    assert not (await tasks.get(busy.db, task.id)).spec.enabled
    said = await find(busy.db, AuditSearch(object_id=task.id))
    assert (said[0].actor, said[0].changes) == ("user:operator", {"enabled": [True, False]})
    on = await busy.post(path, enabled="on")
    assert on.status_code == 303
    assert (await tasks.get(busy.db, task.id)).spec.enabled


async def test_who_only_looks_changes_nothing(busy: Busy) -> None:
    text = await busy.read("/tasks", "viewer")
    assert "New task" not in text
    assert "disabled" in row(text, "Nightly Core Router Backup")
    task = busy.tasks["Health nyc3 08"]
    for path in ("enabled", "run", "cancel", "delete"):
        refused = await busy.post(f"/tasks/{task.id}/{path}", "viewer", revision="1")
        assert refused.status_code == 403, path
    run = web_data.run_of(task)
    assert (await busy.post(f"/runs/{run}/cancel", "viewer")).status_code == 403
    forged = await busy.browsers["operator"].post(f"/tasks/{task.id}/enabled")
    assert forged.status_code == 403
    assert (await tasks.get(busy.db, task.id)).revision == task.revision


async def test_a_task_that_cannot_be_switched_on_stays_off(busy: Busy) -> None:
    group = DeviceGroup(id=GroupId(uid("web doomed")), name="doomed")
    member = web_data.devices()[0]
    await inventory_changes.save(
        busy.db, [group, member.model_copy(update={"groups": (*member.groups, "doomed")})]
    )
    parameters = dict(web_data.BACKUP) | {"target_id": str(group.id)}
    document = {
        "name": "Doomed",
        "task_type": "backup",
        "cron_expression": "0 3 * * *",
        "enabled": False,
        "parameters": parameters,
    }
    task = await tasks.create(busy.db, parse_task(document))
    await emptied(busy.db, group.id)
    token = re.search(r'csrf_token" value="([^"]+)"', await busy.read("/account"))
    assert token
    answer = await busy.browsers["operator"].post(
        f"/tasks/{task.id}/enabled", data={"enabled": "on", "csrf_token": token[1]}, headers=PART
    )
    assert answer.status_code == 200
    assert "checked" not in answer.text
    assert "Doomed stays off" in answer.text
    assert "has no devices" in answer.text
    await tasks.delete(busy.db, task.id)


async def emptied(db: Database, group: GroupId) -> None:
    async with db.transaction() as connection:
        await connection.execute("DELETE FROM device_group_members WHERE group_id = %s", (group,))


async def test_it_tells_when_nobody_looks_after_the_schedule(busy: Busy) -> None:
    task = busy.tasks["Health ams1 05"]
    late = "UPDATE tasks SET next_run_at = now() - interval '1 hour', sync_error = %s WHERE id = %s"
    mended = (
        "UPDATE tasks SET next_run_at = now() + interval '1 day', sync_error = NULL WHERE id = %s"
    )
    # Nobody syncs these tasks: by now others may be late, too.
    as_synced = (
        "UPDATE tasks SET synced_hash = coalesce(synced_hash, 'x'),"
        " next_run_at = now() + interval '1 day' WHERE enabled"
    )
    async with busy.db.transaction() as connection:
        await connection.execute(as_synced)
        await connection.execute(late, ("Prefect refused: <b>", task.id))
    text = await busy.read("/tasks")
    async with busy.db.transaction() as connection:
        await connection.execute(mended, (task.id,))
    assert "the sync seems to be away" in text
    assert "1 task is overdue" in text
    assert "Prefect refused: &lt;b&gt;" in text
    assert "seems to be away" not in await busy.read("/tasks")


async def test_before_there_are_tasks(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("empty")
    async with (
        served(settings_for(database_url, folder)) as site,
        site.page("operator") as operator,
        site.page("viewer") as viewer,
    ):
        text = (await operator.get("/tasks")).text
        assert "No tasks yet" in text
        assert text.count('href="/tasks/new"') == 2
        assert "/tasks/new" not in (await viewer.get("/tasks")).text
        assert "Nothing runs" in (await operator.get("/timeline")).text
