"""A real browser, and the page as it is used: with devices, Prefect, a worker and the sync."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import pytest_asyncio

from tests.served import Served, served, settings_for

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from netstacks_tasks.embedded.stack import Stack

CHROMIUM: Final = Path("/usr/bin/chromium")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_DEVICES: Final = 5
_MORE: Final[dict[str, Any]] = {
    "stacks": [{"name": "vlans", "templates": {"ios/vlans": "vlan {{ vlan }}\n"}}],
    "stack_instances": [
        {"name": "vlans-at-the-edge", "stack": "vlans", "version": 1,
         "variables": {"vlan": 730}, "devices": ["edge-sw-01"]}
    ],
    "scripts": [{"name": "greeting", "interpreter": "bash", "body": "echo hello\n"}],
}  # fmt: skip


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    from playwright.async_api import async_playwright, expect

    if not CHROMIUM.exists():
        missing = "chromium is not installed: run scripts/install-test-hosts as root"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    # What is waited for comes or does not; how soon is the machine's affair.
    expect.set_options(timeout=30_000)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield opened
        finally:
            await opened.close()


@pytest_asyncio.fixture(scope="module")
async def site(
    prefect_stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """Served, with an inventory of devices that answer; edits reach Prefect."""
    from netstacks_tasks.demo.fleet import Fleet
    from netstacks_tasks.embedded.sync_service import sync_running
    from netstacks_tasks.importing.documents import import_documents

    stack = prefect_stack
    folder = tmp_path_factory.mktemp("fleet")
    number = os.getpid()
    base = f"127.{60 + number // 250 % 40}.{number % 250}.1"
    settings = settings_for(stack.database_url, stack.state_dir, stack.api_url)
    async with Fleet.open(folder, count=_DEVICES, base=base), served(settings) as running:
        await stack.save_credentials(json.loads((folder / "secrets.json").read_text()))
        more = folder / "more.json"
        more.write_text(json.dumps(_MORE))
        await import_documents(running.netstacks.db, [folder / "inventory.yaml", more])
        async with sync_running(stack.database_url, stack.api_url, stack.settings.work_pool):
            yield running
