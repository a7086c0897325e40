"""The page of a task."""

from __future__ import annotations

import re

import pytest

from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.store import runs, tasks
from tests import web_data
from tests.integration.web.conftest import PART, Busy


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "Nightly Core Router Backup",
            [
                "core-routers",
                "(12 devices)",
                "config-snapshots/core-routers",
                "each device&#39;s own",
            ],
        ),
        ("Edge Reachability", ["ping, SSH login, SNMP sysName", "edge-switches", "tacacs-netops"]),
        ("Weekly NTP Baseline", ["ntp-baseline-edge", "stack ntp-baseline version 1", "Dry run"]),
        ("Prune Old Images", ["prune-old-images", "--older-than", "max_memory_mib"]),
        ("BGP Morning Report", ["Name every peer that flapped.", "list_devices, bgp_neighbours"]),
    ],
)
async def test_what_it_does_is_told_in_names(busy: Busy, name: str, told: list[str]) -> None:
    text = await busy.read(f"/tasks/{busy.tasks[name].id}")
    for words in told:
        assert words in text
    assert f"/tasks/{busy.tasks[name].id}/edit" in text


async def test_when_it_runs_and_what_became_of_it(busy: Busy) -> None:
    task = busy.tasks["Nightly Core Router Backup"]
    text = await busy.read(f"/tasks/{task.id}")
    times = text[text.index("The next runs") : text.index("What it does")]
    # On the day that the clocks go on there is no 02:00.
    assert len(re.findall(r"0[1-3]:00 E[SD]T</time>", times)) == 5
    assert len(re.findall(r"<td>\w{3} \d\d \w{3}(?: \d{4})? 0[67]:00 UTC</td>", times)) == 5
    assert "3 after the first attempt, 60 s apart" in text
    assert "is advised" not in text
    shown = re.findall(r'<a id="run-([0-9a-f-]+)"', text)
    assert shown[0] == str(web_data.run_of(task))
    assert len(shown) == 25
    assert "By hand" in text
    older = re.search(rf'href="(/tasks/{task.id}\?before=[^"#]+)', text)
    assert older
    rest = await busy.read(older[1])
    assert len(re.findall(r'<a id="run-', rest)) == 5
    # What is past does not change: nobody asks again.
    assert "every 15s" not in rest
    assert (await busy.browsers["viewer"].get(f"/tasks/{task.id}?before=x")).status_code == 404


async def test_its_runs_are_asked_for_again_while_one_is_open(busy: Busy) -> None:
    task = busy.tasks["Edge Reachability"]
    text = await busy.read(f"/tasks/{task.id}")
    poll = re.search(rf'hx-get="(/tasks/{task.id}/runs\?seen=\w+)" hx-trigger="every 3s"', text)
    assert poll
    assert "Cancel what is under way" in text
    browser = busy.browsers["operator"]
    assert (await browser.get(poll[1], headers=PART)).status_code == 204
    other = await browser.get(poll[1].replace("seen=", "seen=0"), headers=PART)
    assert other.text.lstrip().startswith('<div id="task-runs"')


async def test_what_each_role_is_offered(busy: Busy) -> None:
    script = busy.tasks["Prune Old Images"]
    for_viewer = await busy.read(f"/tasks/{script.id}", "viewer")
    for word in ("Run now", "Duplicate", "Delete", ">Edit<", "/audit", "&lt;b&gt;bold"):
        assert word not in for_viewer
    # The text of a script is for those who may change it.
    assert "print(&#39;&lt;b&gt;bold&lt;/b&gt;&#39;)" in await busy.read(f"/tasks/{script.id}")
    for_admin = await busy.read(f"/tasks/{script.id}", "admin")
    assert f'href="/audit?object_id={script.id}"' in for_admin
    inline = f"/tasks/{busy.tasks['Count Interface Errors'].id}"
    assert "import json" not in await busy.read(inline, "viewer")
    written = await busy.read(inline)
    assert "<script>alert" not in written
    assert "&lt;/pre&gt;&lt;script&gt;" in written


async def test_without_prefect_nothing_starts_and_the_reason_is_told(busy: Busy) -> None:
    task = busy.tasks["Health lon1 11"]
    before = await runs.history(busy.db, task.id)
    answer = await busy.post(f"/tasks/{task.id}/run")
    assert answer.status_code == 503
    assert "no Prefect server is known" in answer.text
    assert await runs.history(busy.db, task.id) == before


async def test_deleting_what_somebody_edited_meanwhile(busy: Busy) -> None:
    document = {
        "name": "Short-lived",
        "task_type": "backup",
        "cron_expression": "0 3 * * *",
        "timeout_seconds": 30,
        "parameters": dict(web_data.BACKUP),
    }
    task = await tasks.create(busy.db, parse_task(document))
    await web_data.add_runs(busy.db, task, ["completed"], web_data.DAY)
    await tasks.update(busy.db, task.id, {"max_retries": 1})
    path = f"/tasks/{task.id}/delete"
    assert (await busy.post(path, revision="1")).status_code == 412
    assert (await busy.post(path)).status_code == 422
    shown = await busy.read(f"/tasks/{task.id}")
    revision = re.search(r'name="revision" value="(\d+)"', shown)
    assert revision
    gone = await busy.post(path, revision=revision[1])
    assert (gone.status_code, gone.headers["location"]) == (303, "/tasks")
    assert (await busy.browsers["operator"].get(f"/tasks/{task.id}")).status_code == 404
    kept = await busy.read(f"/runs/{web_data.run_of(task)}")
    assert "Short-lived (deleted)" in kept
