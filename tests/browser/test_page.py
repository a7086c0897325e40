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
from tests.browser.accessibility import Findings, Walk, walk
from tests.browser.deployments import deployment
from tests.browser.history import failed_run, two_versions
from tests.browser.making import MAKING, Made, choose
from tests.browser.windows import delayed, late_scripts, window
from tests.served import PASSWORD, Served

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from netstacks_tasks.models.task import Task

SCRIPT = 'import sys\nprint("hello", sys.argv[1:])\n'


async def a_script(site: Served, name: str, **more: object) -> Task:
    return await site.netstacks.create(
        {
            "name": name,
            "task_type": "custom_script",
            "cron_expression": "0 3 * * *",
            "timezone": "Europe/Berlin",
            "max_retries": 0,
            "parameters": {"type": "custom_script", "script": SCRIPT},
            **more,
        }
    )


def _row(zone: str, at: datetime) -> re.Pattern[str]:
    """A time of the preview, on the zone's clock and in UTC."""
    own, utc = when(at, zone), when(at).removesuffix(" UTC")
    return re.compile(f"{re.escape(own)}.*{re.escape(utc)}")


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
        await expect(rows).to_have_text([_row(made.timezone, at) for at in times])
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


async def test_what_is_typed_before_the_scripts_have_come_counts(
    browser: Browser, site: Served
) -> None:
    async with window(browser, site, "operator") as opened:
        page = opened.page
        target = page.get_by_label("Device or group", exact=True).and_(page.locator("input"))
        zone = page.get_by_label("Timezone", exact=True).and_(page.locator("input"))
        async with late_scripts(page, "/tasks/new?type=backup"):
            await zone.fill("new york")
            await target.press_sequentially("core")
            await expect(target).not_to_have_role("combobox")
        await expect(zone).to_have_value("America/New_York")
        await expect(page.get_by_role("listbox").get_by_role("option")).to_contain_text(
            ["core-routers"]
        )
        await target.press("Enter")
        await expect(target).to_have_value("core-routers")
    async with window(browser, site, "operator") as opened:
        page = opened.page
        editor = page.locator(".cm-content")
        async with late_scripts(page, "/tasks/new?type=custom_script"):
            await page.locator("textarea.script").press_sequentially("print(1)")
            await page.keyboard.press("ArrowLeft")
            await expect(editor).to_have_count(0)
        await expect(editor).to_be_focused()
        await page.keyboard.type("0")
        await expect(editor).to_have_text("print(10)")


async def test_a_list_of_what_was_typed_before_is_not_chosen_from(
    browser: Browser, site: Served
) -> None:
    async with window(browser, site, "operator") as opened:
        page = opened.page
        await opened.open("/tasks/new?type=backup")
        zone = page.get_by_label("Timezone", exact=True).and_(page.locator("input"))
        await zone.fill("")
        await zone.press_sequentially("Asia/Ka")
        first = page.get_by_role("listbox").get_by_role("option").first
        await expect(first).to_contain_text("Asia/Ka")
        async with delayed(page, "**/tasks/new/zones*"):
            await zone.press_sequentially("thmandu")
            await zone.press("ArrowDown")
            await zone.press("Enter")
            await expect(zone).to_have_value("Asia/Kathmandu")
        await page.keyboard.press("Tab")
        await expect(zone).to_have_value("Asia/Kathmandu")


async def test_a_click_on_create_counts_while_a_script_is_fetched(
    browser: Browser, site: Served
) -> None:
    name = "Made at once"
    async with window(browser, site, "operator") as opened:
        page = opened.page
        async with delayed(page, "**/tasks/new/script*"):
            await opened.open("/tasks/new?type=custom_script")
            await page.get_by_label("Name", exact=True).fill(name)
            await page.get_by_label("Schedule (cron)").fill("0 4 * * *")
            await page.locator(".cm-content").click()
            await page.keyboard.type("print(1)")
            await page.get_by_role("button", name="Create task").click()
            await page.wait_for_url(re.compile(r"/tasks/[0-9a-f-]{36}$"))
        await expect(page.get_by_role("heading", level=1)).to_contain_text(name)


async def test_off_and_on_again(browser: Browser, site: Served) -> None:
    task = await a_script(site, "Off and on")
    await deployment(site, task.name, lambda found: found.schedules[0].active)
    async with window(browser, site, "operator") as opened:
        await opened.open("/tasks?text=off+and")
        switch = opened.page.get_by_role("switch", name="Off and on: enabled")
        await expect(switch).to_be_checked()
        # By keyboard: the focus stays where it is.
        await opened.tab_to(f"#enabled-{task.id}")
        await opened.page.keyboard.press("Space")
        await deployment(site, task.name, lambda found: not found.schedules[0].active)
        await expect(switch).not_to_be_checked()
        await expect(switch).to_be_focused()
        await opened.page.keyboard.press("Space")
        await deployment(site, task.name, lambda found: found.schedules[0].active)
        await expect(switch).to_be_checked()


async def test_a_run_is_started_and_watched_to_its_end(browser: Browser, site: Served) -> None:
    task = await a_script(site, "Run me")
    await deployment(site, task.name)
    async with window(browser, site, "operator") as opened:
        page = opened.page
        await opened.open(f"/tasks/{task.id}")
        await page.get_by_role("button", name="Run now").click()
        await page.wait_for_url("**/runs/*")
        # Nothing is loaded again by hand.
        await expect(page.locator("#log-lines")).to_contain_text("hello []", timeout=60_000)
        await expect(page.get_by_role("status").get_by_text("Completed")).to_be_visible(
            timeout=60_000
        )
        await expect(page.locator("#log-lines")).to_contain_text("End of the log", timeout=30_000)
        run_id = page.url.rsplit("/", 1)[1]
        prefect = page.get_by_role("link", name="This run in Prefect")
        await expect(prefect).to_have_attribute("href", re.compile(f"/runs/flow-run/{run_id}$"))
        found = Findings()
        await found.look(opened, "run, completed")
        assert found.grave == []
        await opened.open(f"/tasks/{task.id}")
        row = page.get_by_role("row").filter(has_text="Completed")
        await expect(row).to_have_count(1)
        await expect(row).to_contain_text("By hand")


async def test_a_wrong_schedule_is_told_at_its_field_and_nothing_is_lost(
    browser: Browser, site: Served
) -> None:
    async with window(browser, site, "operator") as opened:
        page = opened.page
        await opened.open("/tasks/new?type=custom_script")
        await page.get_by_label("Name", exact=True).fill("Never made")
        await page.locator(".cm-content").click()
        await page.keyboard.type("print(1)")
        await page.get_by_label("Retries").fill("7")
        cron = page.get_by_label("Schedule (cron)")
        await cron.fill("61 * * * *")
        # While it is typed, and again when it is sent.
        await expect(page.locator("#cron_expression-error")).to_contain_text("61")
        opened.refusals.add(422)
        await page.get_by_role("button", name="Create task").click()
        await expect(page.locator("#form-errors")).to_contain_text("One thing is not right")
        await expect(cron).to_have_attribute("aria-invalid", "true")
        await expect(cron).to_be_focused()
        await expect(cron).to_have_value("61 * * * *")
        await expect(page.locator("#cron_expression-error")).to_contain_text("61")
        await expect(page.get_by_label("Name", exact=True)).to_have_value("Never made")
        await expect(page.get_by_label("Retries")).to_have_value("7")
        await expect(page.locator(".cm-content")).to_have_text("print(1)")
        found = Findings()
        await found.look(opened, "new task, refused")
        assert found.grave == []
    assert [task for task in await site.netstacks.tasks() if task.name == "Never made"] == []


async def test_two_people_edit_the_same_task(browser: Browser, site: Served) -> None:
    task = await a_script(site, "Edited by two")
    async with (
        window(browser, site, "operator") as one,
        window(browser, site, "admin") as other,
    ):
        for opened in (one, other):
            await opened.open(f"/tasks/{task.id}/edit")
        await one.page.get_by_label("Retries").fill("2")
        await other.page.get_by_label("Schedule (cron)").fill("0 5 * * *")
        await one.page.get_by_role("button", name="Save").click()
        await one.page.wait_for_url(f"**/tasks/{task.id}")
        other.refusals.add(422)
        await other.page.get_by_role("button", name="Save").click()
        conflict = other.page.locator("#conflict")
        await expect(conflict).to_contain_text("operator")
        await expect(conflict.get_by_role("row").filter(has_text="Retries")).to_contain_text("2")
        assert (await site.netstacks.task(task.id)).spec.cron_expression == "0 3 * * *"
        found = Findings()
        await found.look(other, "conflict")
        assert found.grave == []
        await other.page.get_by_role("button", name="Save mine over theirs").click()
        await other.page.wait_for_url(f"**/tasks/{task.id}")
    spec = (await site.netstacks.task(task.id)).spec
    assert (spec.max_retries, spec.cron_expression) == (2, "0 5 * * *")


async def test_who_may_only_look_is_offered_nothing_and_refused(
    browser: Browser, site: Served
) -> None:
    task = await a_script(site, "Only looked at")
    async with window(browser, site, "viewer") as opened:
        page = opened.page
        await opened.open("/tasks?text=only+looked")
        await expect(page.get_by_role("link", name="New task")).to_have_count(0)
        await expect(page.get_by_role("switch")).to_be_disabled()
        await opened.open(f"/tasks/{task.id}")
        for word in ("Run now", "Delete", "Edit", "Duplicate", "Cancel"):
            await expect(page.get_by_text(word, exact=True)).to_have_count(0)
        opened.refusals.add(403)
        for path in ("/tasks/new", f"/tasks/{task.id}/edit", "/audit"):
            await opened.open(path)
            await expect(page.get_by_role("heading", level=1)).to_have_text("You may not do this")
    async with window(browser, site, "operator") as opened:
        await opened.open(f"/tasks/{task.id}")
        opened.questions.append(f"Delete {task.name}? It will not run any more. Its history stays.")
        await opened.page.get_by_role("button", name="Delete").click()
        await opened.page.wait_for_url("**/tasks")
    assert task.id not in {one.id for one in await site.netstacks.tasks()}


async def test_signing_in_and_out(browser: Browser, site: Served) -> None:
    async with window(browser, site, None) as opened:
        page = opened.page
        await opened.open("/snapshots?text=core")
        await expect(page.get_by_label("Name")).to_be_focused()
        await page.keyboard.type("viewer")
        await page.get_by_label("Password").fill("not this one")
        opened.refusals.add(401)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_label("Name")).to_have_value("viewer")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/snapshots?text=core")
        await page.get_by_role("button", name="Sign out").click()
        await page.wait_for_url("**/sign-in")
        await page.go_back()
        await expect(page.get_by_role("button", name="Sign in")).to_be_visible()


async def test_unchanged_lines_unfold_where_they_are(browser: Browser, site: Served) -> None:
    task = await a_script(site, "Compared")
    run_id = await failed_run(site.netstacks.db, task.id)
    _, after = await two_versions(site.netstacks.db, task.id, run_id)
    async with window(browser, site, "viewer") as opened:
        for view in ("auto", "unified"):
            await opened.open(f"/snapshots/diff?after={after}&view={view}")
            table = opened.page.get_by_role("table")
            await expect(table.locator("mark").last).to_have_text("10.0.0.9")
            await expect(table).not_to_contain_text("vlan 30")
            await opened.tab_to(".fold a")
            await opened.page.keyboard.press("Enter")
            await expect(table).to_contain_text("vlan 30")
            await expect(opened.page.locator("tr:focus")).to_contain_text("vlan 4")
            await expect(table.locator(".fold")).to_have_count(0)


async def test_a_keyboard_reaches_everything(browser: Browser, site: Served) -> None:
    await a_script(site, "Reached by keyboard")
    async with window(browser, site, "operator") as opened:
        for path in ("/tasks", "/tasks/new?type=custom_script"):
            await opened.open(path)
            assert await walk(opened) == Walk([], []), path


async def test_axe_finds_nothing_serious(
    browser: Browser, site: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    task = await a_script(site, "Examined")
    db = site.netstacks.db
    run_id = await failed_run(db, task.id)
    before, after = await two_versions(db, task.id, run_id)
    paths = {
        "tasks": "/tasks",
        "task": f"/tasks/{task.id}",
        "edit a task": f"/tasks/{task.id}/edit",
        "new task": "/tasks/new",
        **{f"new {made.card}": f"/tasks/new?type={made.task_type}" for made in MAKING},
        "run, failed": f"/runs/{run_id}",
        "timeline": "/timeline",
        "devices": "/snapshots",
        "versions": "/snapshots?device=core-rtr-01",
        "version": f"/snapshots/{after}",
        "difference": f"/snapshots/diff?after={after}&before={before}",
        "unified difference": f"/snapshots/diff?after={after}&before={before}&view=unified",
        "audit log": "/audit",
        "account": "/account",
        "no such page": "/nothing",
    }
    found = Findings()
    async with window(browser, site, "admin") as opened:
        opened.refusals.add(404)
        for name, path in paths.items():
            await opened.open(path)
            await found.look(opened, name)
    async with window(browser, site, None) as opened:
        await opened.open("/sign-in")
        await found.look(opened, "sign in")
    with capsys.disabled():
        print(found.table())  # noqa: T201 - for people
    assert found.grave == []
