"""The page as people use it, in a real browser and into a real Prefect.

One file: what it needs is started once.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from netstacks_tasks.models.schedule import Schedule
from netstacks_tasks.web.wording import when
from tests.browser.deployments import deployment
from tests.browser.making import MAKING, Made, choose
from tests.browser.windows import window
from tests.served import Served

if TYPE_CHECKING:
    from playwright.async_api import Browser


@pytest.mark.parametrize("made", MAKING, ids=lambda made: made.task_type)
async def test_a_task_of_each_type_becomes_a_deployment(
    browser: Browser, site: Served, made: Made
) -> None:
    async with window(browser, site, "operator") as opened:
        page = opened.page
        await opened.open("/tasks")
        await page.get_by_role("link", name="New task").first.click()
        await page.get_by_role("link", name=re.compile(f"^{made.card}")).click()
        await page.get_by_label("Name", exact=True).fill(made.name)
        await made.fill(page)
        await page.get_by_label("Schedule (cron)").fill(made.cron)
        await choose(page, "Timezone", made.timezone.replace("_", " "), made.timezone)
        times = Schedule(made.cron, made.timezone).next(5, datetime.now(UTC))
        rows = page.locator("#preview tbody tr")
        await expect(rows).to_have_text([f"{when(t, made.timezone)}{when(t)}" for t in times])
        await page.get_by_label("Retries").fill("1")
        await expect(page.get_by_label("Enabled")).to_be_checked()
        await page.get_by_role("button", name="Create task").click()
        await page.wait_for_url(re.compile(r"/tasks/[0-9a-f-]{36}$"))
        await expect(page.get_by_role("heading", level=1)).to_contain_text(made.name)
        task, found = await deployment(site, made.name)
        assert page.url.endswith(str(task.id))
    kept = task.spec.parameters.model_dump(mode="json", exclude_unset=True)
    assert kept["type"] == task.spec.task_type == made.task_type
    assert {name: kept[name] for name in made.parameters} == made.parameters
    schedule = found.schedules[0]
    assert (schedule.schedule.cron, schedule.schedule.timezone, schedule.active) == (  # type: ignore[union-attr]  # a cron schedule
        made.cron, made.timezone, True
    )  # fmt: skip
    assert found.name == made.name
    assert found.parameters == {"task_id": str(task.id)}
    assert {"netstacks", f"netstacks-task:{task.id}"} <= set(found.tags)
    assert found.concurrency_options is not None
    assert found.concurrency_options.collision_strategy == "ENQUEUE"
    assert found.job_variables["env"]["PREFECT_FLOWS_DEFAULT_RETRIES"] == "1"
