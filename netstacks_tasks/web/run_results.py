"""What a run found on each device, as its page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from netstacks_tasks.models.result import DeviceResult

Show = Literal["all", "failed", "changed"]
PAGE: Final = 100

_VERDICTS: Final[Mapping[str, str]] = {
    "failed": "bad",
    "not begun": "warn",
    "went down": "bad",
    "came up": "ok",
    "changed": "warn",
    "ok": "ok",
}
"""Words and their colours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page of the results."""

    rows: Sequence[DeviceResult]
    counts: Mapping[Show, int]
    show: Show
    page: int
    pages: int
    devices: int


def verdict(result: DeviceResult, task_type: str) -> tuple[str, str]:
    """A word and its colour."""
    word = _word(result, task_type)
    return word, _VERDICTS[word]


def _word(result: DeviceResult, task_type: str) -> str:
    if result.changed and task_type == "health_check":
        return "came up" if result.ok else "went down"
    if not result.ok:
        return "not begun" if result.cause == "not_begun" else "failed"
    return "changed" if result.changed else "ok"


def shown(results: Iterable[DeviceResult], show: str, page: int) -> Shown:
    """The newest word on each device and item: failures first, then changes."""
    newest = {(one.device_name, one.item): one for one in sorted(results, key=_attempt)}
    kinds: Mapping[Show, list[DeviceResult]] = {
        "all": list(newest.values()),
        "failed": [one for one in newest.values() if not one.ok],
        "changed": [one for one in newest.values() if one.changed],
    }
    chosen: Show = next((kind for kind in kinds if kind == show), "all")
    rows = sorted(kinds[chosen], key=_rank)
    pages = max(-(-len(rows) // PAGE), 1)
    page = min(page, pages)
    return Shown(
        rows=rows[(page - 1) * PAGE : page * PAGE],
        counts={kind: len(found) for kind, found in kinds.items()},
        show=chosen,
        page=page,
        pages=pages,
        devices=len({one.device_name for one in newest.values()}),
    )


def _attempt(result: DeviceResult) -> int:
    return result.attempt


def _rank(result: DeviceResult) -> tuple[bool, bool, bool, str, str]:
    not_begun = result.cause == "not_begun"
    return (result.ok, not_begun, not result.changed, result.device_name, result.item)
