"""Windows of a real browser; whatever goes wrong in one fails the test that opened it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Route,
)
from playwright.async_api import Request as Sent
from playwright.async_api import Response as Got

from netstacks_tasks.models.access import Role
from tests.served import Served

WIDE: Final = {"width": 1280, "height": 900}
NARROW: Final = {"width": 390, "height": 844}


@dataclass
class Window:
    """A page of the site and what went wrong in it."""

    page: Page
    faults: list[str] = field(default_factory=list)
    refusals: set[int] = field(default_factory=set)
    """HTTP statuses that the test means to see."""
    questions: list[str] = field(default_factory=list)
    """What the page may ask; each is answered with yes, once."""

    async def open(self, path: str) -> None:
        """Go there, and wait until the page is whole."""
        await self.page.goto(path)

    async def tab_to(self, selector: str) -> None:
        """Press Tab until an element has the focus: it is reached, and it shows that."""
        for _ in range(150):
            await self.page.keyboard.press("Tab")
            if await self.page.evaluate(
                "wanted => document.activeElement.matches(wanted)", selector
            ):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    async def width_beyond(self) -> int:
        """How many pixels of the page stick out to the right."""
        return int(
            await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        )

    def said(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        expected = any(f"status of {status} " in message.text for status in self.refusals)
        if not expected:
            self.faults.append(f"{message.type} on the console: {message.text}")

    def failed(self, sent: Sent) -> None:
        # A request is given up when its page is left.
        if sent.failure != "net::ERR_ABORTED":
            self.faults.append(f"{sent.method} {sent.url}: {sent.failure}")

    def answered(self, got: Got) -> None:
        if got.status >= 400 and got.status not in self.refusals:
            self.faults.append(f"{got.request.method} {got.url}: {got.status}")

    async def asked(self, dialog: Dialog) -> None:
        if dialog.message in self.questions:
            self.questions.remove(dialog.message)
            await dialog.accept()
            return
        self.faults.append(f"a dialog: {dialog.message}")
        await dialog.dismiss()


@asynccontextmanager
async def window(
    browser: Browser,
    site: Served,
    role: Role | None,
    **look: Any,  # noqa: ANN401 - Playwright's
) -> AsyncIterator[Window]:
    """A window, signed in as the user of a role; at its end nothing has gone wrong in it.

    Args:
        browser: whose.
        site: what it shows.
        role: None: nobody is signed in.
        look: options of Playwright's contexts.
    """
    context = await browser.new_context(
        **{"base_url": site.url, "viewport": WIDE, "reduced_motion": "reduce", **look}
    )
    try:
        if role is not None:
            await _sign_in(context, site, role)
        opened = Window(await context.new_page())
        context.on("console", opened.said)
        context.on("weberror", lambda error: opened.faults.append(f"a script: {error.error}"))
        context.on("requestfailed", opened.failed)
        context.on("response", opened.answered)
        context.on("dialog", opened.asked)
        yield opened
        assert opened.faults == []
        assert opened.questions == []
    finally:
        await context.close()


@asynccontextmanager
async def late_scripts(page: Page, path: str) -> AsyncIterator[None]:
    """Go to a page whose scripts come when the block ends, as over a slow line."""
    wanted = asyncio.Event()

    async def late(route: Route) -> None:
        await wanted.wait()
        await route.continue_()

    await page.route("**/*.js*", late)
    await page.goto(path, wait_until="commit")
    try:
        yield
    finally:
        wanted.set()
    await page.wait_for_load_state()
    await page.unroute("**/*.js*", late)


@asynccontextmanager
async def delayed(page: Page, pattern: str) -> AsyncIterator[None]:
    """Inside it what is asked for under some addresses is answered when the block ends."""
    wanted = asyncio.Event()

    async def late(route: Route) -> None:
        await wanted.wait()
        # Whoever asked may be on another page by now.
        with suppress(Error):
            await route.continue_()

    await page.route(pattern, late)
    try:
        yield
    finally:
        wanted.set()
        await page.unroute(pattern, late)


async def _sign_in(context: BrowserContext, site: Served, role: Role) -> None:
    async with site.page(role) as client:
        await context.add_cookies(
            [{"name": name, "value": value, "url": site.url} for name, value in _all(client)]
        )


def _all(client: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - httpx's jar is not typed
    return [(cookie.name, cookie.value or "") for cookie in client.cookies.jar]
