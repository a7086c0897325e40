"""The texts of a run's artifacts: pure functions of its results."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from netstacks_tasks.models.printable import printable
from netstacks_tasks.models.result import DeviceResult

_MOST_ROWS: Final = 1000
_MOST_DIFF_LINES: Final = 200
MOST_DIFF_CHARACTERS: Final = 60_000
"""Of all diffs of a report together."""
_LONGEST_LINE: Final = 300
_MOST_BARS: Final = 25
_BAR_WIDTH: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What changed in one configuration; `text` is a unified diff without secrets.

    It may be empty where the report has no room for it.
    """

    device_name: str
    source: str
    text: str


def in_order(results: Iterable[DeviceResult]) -> list[DeviceResult]:
    """What went up or down first, then failures, then changes, then the rest."""
    return sorted(
        results,
        key=lambda r: (
            not (r.changed and r.snapshot_id is None),
            r.ok,
            not r.changed,
            r.device_name,
            r.item,
        ),
    )


def table(results: Sequence[DeviceResult]) -> list[dict[str, str]]:
    """Rows for a table artifact, at most a thousand; failures are never cut off first."""
    rows = [_row(result) for result in in_order(results)[:_MOST_ROWS]]
    if len(results) > _MOST_ROWS:
        rows.append({"device": f"and {len(results) - _MOST_ROWS} more", "result": "see history"})
    return rows


def _row(result: DeviceResult) -> dict[str, str]:
    return {
        # Prefect's page reads every cell as markdown: a device could show a picture or a link.
        "device": escape(result.device_name),
        "item": escape(result.item),
        "result": _verdict(result),
        "detail": escape(result.summary),
        "where": f"{result.stage}: {result.cause}" if result.stage else "",
        "latency": "" if result.latency_ms is None else f"{result.latency_ms:.1f} ms",
        "attempt": str(result.attempt),
        "version": "" if result.snapshot_id is None else show_command(result),
    }


def show_command(result: DeviceResult) -> str:
    """How to see the version a backup kept."""
    return f"netstacks snapshot show {result.snapshot_id}"


def _verdict(result: DeviceResult) -> str:
    if result.snapshot_id is None and result.changed:
        return "came up" if result.ok else "went down"
    if not result.ok:
        return "FAILED"
    return "changed" if result.changed else "ok"


def report(
    title: str,
    results: Sequence[DeviceResult],
    *,
    diffs: Sequence[Diff] = (),
    links: Mapping[str, str] | None = None,
) -> str:
    """The markdown of a run: state changes, failures, diffs, latencies."""
    failed = {result.device_name for result in results if not result.ok}
    devices = {result.device_name for result in results}
    parts = [
        f"# {escape(title)}",
        f"**{len(devices) - len(failed)} of {len(devices)} in order, {len(failed)} failed.**",
    ]
    if links:
        parts.append(" · ".join(f"[{name}]({url})" for name, url in links.items()))
    ordered = in_order(results)
    moved = [r for r in ordered if r.changed and r.snapshot_id is None]
    if moved:
        lines = [
            f"- **{escape(r.device_name)}** {escape(r.item)} "
            f"{'came up' if r.ok else 'went down'}: {escape(r.summary)}"
            for r in moved[:_MOST_ROWS]
        ]
        parts.append("## What went up or down\n\n" + "\n".join(lines))
    if failed:
        parts.append("## Failed\n\n" + _failures([r for r in ordered if not r.ok]))
    if diffs:
        parts.append("## What changed\n\n" + _changes(diffs))
    chart = latency_chart(results)
    if chart:
        parts.append("## Latency, slowest first\n\n" + chart)
    return "\n\n".join(parts) + "\n"


def _failures(failed: Sequence[DeviceResult]) -> str:
    lines = ["| device | item | where | reason |", "|---|---|---|---|"]
    lines += [
        f"| {escape(r.device_name)} | {escape(r.item)} | {r.stage}: {r.cause} "
        f"| {escape(r.summary[:_LONGEST_LINE])} |"
        for r in failed[:100]
    ]
    more = f"\n\nand {len(failed) - 100} more" if len(failed) > 100 else ""
    return "\n".join(lines) + more


def _changes(diffs: Sequence[Diff]) -> str:
    parts: list[str] = []
    left = MOST_DIFF_CHARACTERS
    for number, diff in enumerate(diffs):
        if left <= 0:
            parts.append(f"and {len(diffs) - number} more changed configurations")
            break
        text = bounded(diff.text, left)
        left -= len(text)
        parts.append(f"### {escape(diff.device_name)} ({escape(diff.source)})\n\n{fenced(text)}")
    return "\n\n".join(parts)


def bounded(text: str, characters: int) -> str:
    """What a report shows of a diff."""
    lines = text.splitlines()
    kept = [
        line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "…"
        for line in lines[:_MOST_DIFF_LINES]
    ]
    while kept and sum(len(line) + 1 for line in kept) > characters:
        kept.pop()
    if len(kept) < len(lines):
        kept.append(f"… {len(lines) - len(kept)} more lines")
    return "\n".join(kept)


def fenced(text: str, language: str = "diff") -> str:
    """A code block that nothing in the text can end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{printable(text)}\n{fence}"


def escape(text: str) -> str:
    """Text that means nothing to markdown or HTML, in one line."""
    safe = html.escape(printable(" ".join(text.split())), quote=False)
    return re.sub(r"([\\`*_{}\[\]|~#!])", r"\\\1", safe)


def latency_chart(results: Sequence[DeviceResult]) -> str:
    """Bars of the slowest items; empty when nothing was measured."""
    measured = sorted(
        ((r.latency_ms, r) for r in results if r.latency_ms is not None),
        key=lambda pair: -pair[0],
    )[:_MOST_BARS]
    if not measured:
        return ""
    slowest = max(measured[0][0], 0.001)
    width = max(len(f"{r.device_name} {r.item}") for _, r in measured)
    lines = [
        f"{r.device_name + ' ' + r.item:<{min(width, 60)}}  "
        f"{'█' * max(1, round(latency / slowest * _BAR_WIDTH)):<{_BAR_WIDTH}}  {latency:.1f} ms"
        for latency, r in measured
    ]
    return fenced("\n".join(lines), "text")
