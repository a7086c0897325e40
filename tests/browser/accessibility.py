"""What axe-core says of a page, and whether a keyboard reaches all of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from axe_playwright_python.async_playwright import (  # type: ignore[import-untyped]  # has no types
    Axe,
)
from playwright.async_api import expect

from tests.browser.windows import NARROW, WIDE, Window

_GRAVE: Final = frozenset({"serious", "critical"})
_ALL: Final[dict[str, Any]] = {"resultTypes": ["violations"]}
_VISUAL: Final = {**_ALL, "runOnly": ["color-contrast", "link-in-text-block"]}
_LOOKS: Final[tuple[tuple[str, dict[str, int], str, dict[str, Any]], ...]] = (
    # What the looks do not change needs examining once.
    ("1280 light", WIDE, "light", _ALL),
    ("1280 dark", WIDE, "dark", _VISUAL),
    ("390 light", NARROW, "light", _VISUAL),
    ("390 dark", NARROW, "dark", _VISUAL),
)
_THERE: Final = Axe("0")
"""For a page that has axe-core already."""
_TABBABLE: Final = (
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0'], "
    "[contenteditable=true]"
)
_STEP: Final = """async () => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  window.reached ??= new Set();
  if (window.reached.has(element)) return null;
  window.reached.add(element);
  const editor = element.closest('.cm-editor');
  // The editor sees a moment later that it has the focus.
  if (editor) await new Promise((done) => setTimeout(done, 50));
  const style = getComputedStyle(editor ?? element);
  const rings = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  return {name: element.id || element.textContent.trim() || element.outerHTML, rings};
}"""
_LEFT: Final = """(wanted) => [...document.querySelectorAll(wanted)].filter((one) =>
  !window.reached.has(one) && !one.disabled && one.tabIndex >= 0
  && one.checkVisibility({visibilityProperty: true})
  && !(one.type === 'radio' && [...window.reached].some((other) => other.name === one.name))
).map((one) => one.outerHTML)"""


@dataclass
class Findings:
    """Of all the pages that were looked at."""

    rows: list[tuple[str, str, Counter[str], int]] = field(default_factory=list)
    grave: list[str] = field(default_factory=list)

    def table(self) -> str:
        """For people."""
        head = f"{'page':<26} {'look':<11} critical serious moderate minor passes"
        lines = [
            f"{page:<26} {look:<11} {found['critical']:>8} {found['serious']:>7} "
            f"{found['moderate']:>8} {found['minor']:>5} {passes:>6}"
            for page, look, found, passes in self.rows
        ]
        return "\n".join(["", head, *lines])

    async def look(self, opened: Window, name: str) -> None:
        """Examine the page that is open, in light and dark, wide and narrow."""
        axe = Axe()
        for words, size, scheme, options in _LOOKS:
            await opened.page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict
            await opened.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two
            await expect(opened.page.locator(".htmx-request")).to_have_count(0)
            said = (await axe.run(opened.page, options=options)).response
            axe = _THERE
            impacts = Counter(str(one["impact"]) for one in said["violations"])
            self.rows.append((name, words, impacts, len(said["passes"])))
            self.grave += [
                f"{name}, {words}: {one['id']} at {node['target']}: {node['failureSummary']}"
                for one in said["violations"]
                if one["impact"] in _GRAVE
                for node in one["nodes"]
            ]
            beyond = await opened.width_beyond()
            if beyond > 0:
                self.grave.append(f"{name}, {words}: scrolls sideways by {beyond} px")


@dataclass(frozen=True)
class Walk:
    """Tab pressed until the focus has been everywhere."""

    without_ring: list[str]
    """Where nothing showed the focus."""
    left_out: list[str]
    """What can be used and was not reached."""


async def walk(opened: Window) -> Walk:
    """Press Tab from the top of the page to its end."""
    without = []
    while (step := await _step(opened)) is not None:
        if not step["rings"]:
            without.append(step["name"])
    return Walk(without, await opened.page.evaluate(_LEFT, _TABBABLE))


async def _step(opened: Window) -> dict[str, Any] | None:
    await opened.page.keyboard.press("Tab")
    found: dict[str, Any] | None = await opened.page.evaluate(_STEP)
    return found
