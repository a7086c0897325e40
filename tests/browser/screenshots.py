"""Takes the pictures of docs/page.md from a running demo.

    netstacks up --demo
    python -m tests.browser.screenshots http://127.0.0.1:4280 STATE_DIR docs/screenshots

`netstacks up --demo` says where the page is. STATE_DIR is its state folder, and a
fresh one: the pictures show its path.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, async_playwright, expect

from netstacks_tasks.demo.fleet_control import FleetControl
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.making import choose
from tests.browser.palette import small
from tests.browser.windows import NARROW

_WIDE: Final = {"width": 1280, "height": 800}
_TALLEST: Final = 1500
_HEIGHTS: Final = {"run-deployment": 930, "run-agent": 1000, "audit": 1000, "new-script": 2000}
"""Of those that are to show less than that, or more."""
_CHANGED: Final = "core-rtr-01"
_CHANGES: Final = (
    "interface GigabitEthernet0/0/1",
    " description to core ring west fra2-4246",
    " ip ospf cost 40",
    "logging host 192.168.1.22 vrf MGMT",
)
_BACKUP: Final = "Nightly Core Router Backup"
_ROUTES: Final = "Null Routes, with a mistake for one router"
_QUESTION: Final = "Morning Network Health Summary"
_SCRIPT: Final = """\
import json, os

devices = json.load(open(os.environ["NETSTACKS_DEVICES"]))
for device in devices:
    print(device["name"], device["host"])
"""

Visit = Callable[[Page], Awaitable[None]]


def _at(path: str) -> Visit:
    async def visit(page: Page) -> None:
        await page.goto(path)

    return visit


def _form(task_type: str, name: str, zone: str, fill: Visit) -> Visit:
    async def visit(page: Page) -> None:
        await page.goto(f"/tasks/new?type={task_type}")
        await page.get_by_label("Name", exact=True).fill(name)
        await fill(page)
        await page.get_by_role("button", name="Nightly 02:00").click()
        await choose(page, "Timezone", zone.replace("_", " "), zone)
        await expect(page.locator("#preview tbody tr")).to_have_count(5)

    return visit


async def _backup(page: Page) -> None:
    await choose(page, "Device or group", "core", "core-routers")
    await page.get_by_label("Destination").fill("config-snapshots/core")


async def _health(page: Page) -> None:
    for label in ("Ping", "SSH login", "SNMP sysName"):
        await page.get_by_label(label).check()
    credential = page.get_by_label("Credential")
    words = await credential.locator("option", has_text="edge-switches").inner_text()
    await credential.select_option(label=words)


async def _script(page: Page) -> None:
    # Pasted, so that the editor adds no spaces of its own.
    await page.locator(".cm-content").click()
    await page.keyboard.insert_text(_SCRIPT)


async def _deployment(page: Page) -> None:
    instance = page.get_by_label("Stack instance")
    words = await instance.locator("option", has_text="access-vlans").inner_text()
    await instance.select_option(label=words)


async def _agent(page: Page) -> None:
    await page.get_by_label("Prompt").fill(
        "Summarize the current health of all BGP peers and report interfaces with errors."
    )


async def _task(page: Page) -> None:
    await page.goto("/tasks")
    await page.get_by_role("link", name=_BACKUP, exact=True).first.click()
    await page.get_by_role("heading", level=1).wait_for()


def _last_run(task: str) -> Visit:
    async def visit(page: Page) -> None:
        await page.goto("/tasks")
        await page.get_by_role("link", name=f"the last run of {task}").click()
        await expect(page.get_by_text("End of the log")).to_be_visible(timeout=30_000)

    return visit


async def _difference(page: Page) -> None:
    await page.goto(f"/snapshots?device={_CHANGED}")
    await page.get_by_role("button", name="Compare before and after").click()
    await page.locator("table.diff").wait_for()


async def _changed_meanwhile(page: Page) -> None:
    """A version that differs from the one before it."""
    await _task(page)
    await page.get_by_role("button", name="Run now").click()
    await expect(page.get_by_text("End of the log")).to_be_visible(timeout=120_000)


_SHOTS: Final[dict[str, Visit]] = {
    "tasks": _at("/tasks"),
    "new-backup": _form("backup", "Core backup", "America/New_York", _backup),
    "new-health-check": _form("health_check", "Edge health", "Europe/Berlin", _health),
    "new-script": _form("custom_script", "Device list", "UTC", _script),
    "new-deployment": _form("deployment", "VLANs, weekly", "America/Los_Angeles", _deployment),
    "new-agent": _form("agent_task", "Morning report", "America/Chicago", _agent),
    "task": _task,
    "run": _last_run(_BACKUP),
    "run-deployment": _last_run(_ROUTES),
    "run-agent": _last_run(_QUESTION),
    "diff": _difference,
    "timeline": _at("/timeline"),
    "audit": _at("/audit"),
}
_DARK_AND_NARROW: Final = ("tasks", "diff", "new-backup")


async def take(url: str, password: str) -> dict[str, bytes]:
    """Take them all; gives them by name.

    Args:
        url: of the page.
        password: of its user `admin`.
    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await _signed_in(browser, url, password)
        await _changed_meanwhile(page)
        taken = {name: await _picture(page, name) for name in _SHOTS}
        await page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # a TypedDict
        await page.emulate_media(color_scheme="dark")
        for name in _DARK_AND_NARROW:
            taken[f"{name}-narrow-dark"] = await _picture(page, name)
        workshop = await browser.new_page()
        made = {name: await small(workshop, picture) for name, picture in taken.items()}
        await browser.close()
    return made


async def _signed_in(browser: Browser, url: str, password: str) -> Page:
    page = await browser.new_page(base_url=url, viewport=_WIDE, reduced_motion="reduce")  # type: ignore[arg-type]  # a TypedDict
    # A form is left with things typed into it.
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto("/sign-in")
    await page.get_by_label("Name").fill("admin")
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(re.compile("/tasks$"))
    return page


async def _picture(page: Page, name: str) -> bytes:
    await _SHOTS[name](page)
    await expect(page.locator(".htmx-request")).to_have_count(0)
    await page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    size = page.viewport_size
    assert size is not None
    height = await page.evaluate("document.documentElement.scrollHeight")
    shown = max(min(height, _HEIGHTS.get(name, _TALLEST)), size["height"])
    clip = {"x": 0, "y": 0, "width": size["width"], "height": shown}
    return await page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]  # a TypedDict


if __name__ == "__main__":
    site, state, where = sys.argv[1:]
    Path(where).mkdir(parents=True, exist_ok=True)
    FleetControl(Path(state) / "demo-fleet").change(_CHANGED, _CHANGES)
    made = asyncio.run(take(site, Path(state, "page-admin-password").read_text().strip()))
    for name, picture in made.items():
        Path(where, f"{name}.png").write_bytes(picture)
        sys.stdout.write(f"{len(picture) // 1024:5} KiB  {name}.png\n")
