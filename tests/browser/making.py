"""How a person makes a task of each type: what is typed and chosen, and what comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import Page, expect

from netstacks_tasks.demo.simulated.catalogue import CREDENTIALS, GROUPS
from netstacks_tasks.models.task_spec import TaskType

_GROUP: Final = {group.name: str(group.id) for group in GROUPS}
_CREDENTIAL: Final = {one.name: str(one.id) for one in CREDENTIALS}


@dataclass(frozen=True, kw_only=True)
class Made:
    """A task of one type."""

    task_type: TaskType
    card: str
    """What is clicked to choose it."""
    fill: Callable[[Page], Awaitable[None]]
    parameters: Mapping[str, Any]
    """What is kept."""
    name: str
    cron: str
    timezone: str


async def choose(page: Page, label: str, typed: str, wanted: str) -> None:
    """Choose from what a field suggests, by keyboard."""
    field = page.get_by_label(label, exact=True).and_(page.locator("input"))
    await field.fill("")
    await field.press_sequentially(typed)
    suggested = page.locator("[role=listbox]:not([aria-busy])").get_by_role("option")
    await expect(suggested.filter(has_text=wanted).first).to_be_visible()
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(field).to_have_value(wanted)


async def _backup(page: Page) -> None:
    await choose(page, "Device or group", "core", "core-routers")
    await page.get_by_label("Destination").fill("configs/core")


async def _health_check(page: Page) -> None:
    await page.get_by_label("SSH login").check()
    await page.get_by_label("Ping").uncheck()
    await page.get_by_label("SNMP sysName").check()
    await page.get_by_label("Credential").select_option(_CREDENTIAL["core-routers"])


async def _script(page: Page) -> None:
    editor = page.locator(".cm-content")
    await editor.click()
    # The editor closes brackets by itself and goes over those that are typed.
    await page.keyboard.type('print("hello")')
    await page.get_by_label("Arguments").fill("--fast\n--all")


async def _deployment(page: Page) -> None:
    instance = page.get_by_label("Stack instance")
    words = await instance.locator("option", has_text="vlans-at-the-edge").inner_text()
    assert "1 device" in words
    await instance.select_option(label=words)
    await page.get_by_label("Dry run").check()


async def _agent(page: Page) -> None:
    await page.get_by_label("Prompt").fill("Which BGP peers are down?")


MAKING: Final = (
    Made(
        task_type="backup",
        card="Backup",
        fill=_backup,
        parameters={
            "target_type": "device_group",
            "target_id": _GROUP["core-routers"],
            "destination": "configs/core",
        },
        name="Core backup",
        cron="30 2 * * 1-5",
        timezone="America/New_York",
    ),
    Made(
        task_type="health_check",
        card="Health check",
        fill=_health_check,
        parameters={
            "checks": ["ssh", "snmp_sysname"],
            "credential_id": _CREDENTIAL["core-routers"],
        },
        name="Core health",
        cron="@hourly",
        timezone="Asia/Kolkata",
    ),
    Made(
        task_type="custom_script",
        card="Script",
        fill=_script,
        parameters={
            "script": 'print("hello")',
            "interpreter": "python",
            "arguments": ["--fast", "--all"],
        },
        name="Greeting",
        cron="0 6 * * *",
        timezone="Europe/Berlin",
    ),
    Made(
        task_type="deployment",
        card="Deployment",
        fill=_deployment,
        parameters={"dry_run": True},
        name="Push VLANs",
        cron="0 0 * * 0",
        timezone="America/Los_Angeles",
    ),
    Made(
        task_type="agent_task",
        card="NOC agent",
        fill=_agent,
        parameters={"prompt": "Which BGP peers are down?"},
        name="Morning question",
        cron="0 7 * * *",
        timezone="America/Chicago",
    ),
)
