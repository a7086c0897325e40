"""The page of a run."""

from __future__ import annotations

import re
from dataclasses import replace

from netstacks_tasks.models.ids import RunId
from netstacks_tasks.store import runs, snapshots
from tests import web_data
from tests.integration.web.conftest import PART, Busy


def devices(text: str) -> list[str]:
    """In the table of results, in order."""
    table = text[text.index("results-title") :]
    return re.findall(r'<th scope="row" class="name">([^<]+)</th>', table)


async def test_what_failed_comes_first(busy: Busy) -> None:
    task = busy.tasks["Nightly Core Router Backup"]
    run = web_data.run_of(task)
    text = await busy.read(f"/runs/{run}", "viewer")
    assert re.search(r'role="status"> ?<span class="state failed">Failed', text)
    assert re.search(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d E[SD]T</time> <span class=\"faint\">\(.* UTC\)", text
    )
    assert "<dt>Duration</dt><dd>38 s</dd>" in text
    assert text.count('data-label="Outcome"') == 2
    assert devices(text)[:2] == ["core-ams1-04", "core-ams1-08"]
    assert len(devices(text)) == 12
    assert devices(await busy.read(f"/runs/{run}?show=failed")) == ["core-ams1-04", "core-ams1-08"]
    assert len(devices(await busy.read(f"/runs/{run}?show=changed&page=77"))) == 3
    assert "<script>alert" not in text
    assert "connect, refused:" in text
    # It is over: nobody asks again, and there is nothing to cancel.
    assert "every 2s" not in text
    assert "Cancel this run" not in await busy.read(f"/runs/{run}")


async def test_a_version_is_a_click_away(busy: Busy) -> None:
    task = busy.tasks["Nightly Core Router Backup"]
    run = RunId(web_data.run_of(task, 1))
    device = web_data.devices()[0]
    version, _ = await snapshots.keep(
        busy.db,
        device=device,
        task_id=task.id,
        run_id=run,
        destination="config-snapshots/core-routers",
        source="running",
        content="hostname a\n",
        normalised="hostname a\n",
    )
    found = (await runs.results(busy.db, run))[0]
    await runs.record_result(busy.db, run, replace(found, snapshot_id=version, changed=True))
    text = await busy.read(f"/runs/{run}")
    assert f'href="/snapshots/{version}"' in text
    assert f'href="/snapshots/diff?after={version}"' in text


async def test_an_open_run_asks_for_its_news(busy: Busy) -> None:
    run = web_data.run_of(busy.tasks["Edge Reachability"])
    text = await busy.read(f"/runs/{run}")
    poll = re.search(rf'hx-get="(/runs/{run}/state[^"]+)" hx-trigger="every 2s"', text)
    assert poll
    assert "Cancel this run" in text
    browser = busy.browsers["operator"]
    same = await browser.get(poll[1].replace("&amp;", "&"), headers=PART)
    assert (same.status_code, "HX-Trigger-After-Swap" in same.headers) == (204, False)
    over = web_data.run_of(busy.tasks["Edge Reachability"], 1)
    ended = await browser.get(f"/runs/{over}/state", headers=PART)
    assert ended.headers["HX-Trigger-After-Swap"] == "run-ended"


async def test_without_prefect_the_rest_is_there(busy: Busy) -> None:
    run = web_data.run_of(busy.tasks["Edge Reachability"])
    browser = busy.browsers["viewer"]
    log = await browser.get(f"/runs/{run}/log", headers=PART)
    assert log.status_code == 200
    assert "No log for now: no Prefect server is known" in log.text
    assert "load delay:10s" in log.text
    assert "<!doctype html>" in (await browser.get(f"/runs/{run}/log?after=x&skip=-1")).text
    report = await browser.get(f"/runs/{run}/report", headers=PART)
    assert "cannot be read now" in report.text
    assert (await browser.get(f"/runs/{run}/log.txt")).status_code == 503


async def test_a_missed_time_has_no_log(busy: Busy) -> None:
    text = await busy.read(f"/runs/{web_data.run_of(busy.tasks['Weekly NTP Baseline'])}")
    assert "never: there is no log" in text
    assert "the worker was down from 02:00 to 02:40" in text
    assert 'id="log"' not in text
    unknown = await busy.browsers["viewer"].get(f"/runs/{web_data.LOGIN}")
    assert unknown.status_code == 404
