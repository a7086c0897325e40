"""What the demo shows: tables and a diff for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from netstacks_tasks.models.result import DeviceResult


def _verdict(result: DeviceResult) -> Text:
    if not result.ok:
        return Text(f"{result.stage}: {result.cause}", style="red")
    return Text("ok", style="green")


def backup_table(title: str, results: Iterable[DeviceResult]) -> Table:
    """One row per device and configuration."""
    table = Table("Device", "Configuration", "Result", "Version", "Attempt", title=title)
    for result in sorted(results, key=lambda each: (each.device_name, each.item)):
        table.add_row(
            result.device_name,
            result.item,
            _verdict(result) if result.ok else Text.assemble(_verdict(result), " ", result.summary),
            "new" if result.changed else "unchanged" if result.ok else "",
            str(result.attempt),
        )
    return table


def health_table(title: str, results: Iterable[DeviceResult]) -> Table:
    """One row per device, one column per check, with its latency."""
    by_device: dict[str, dict[str, DeviceResult]] = {}
    for result in results:
        by_device.setdefault(result.device_name, {})[result.item] = result
    checks = sorted({check for found in by_device.values() for check in found})
    table = Table("Device", *checks, title=title)
    for device, found in sorted(by_device.items()):
        table.add_row(device, *(_health_cell(found.get(check)) for check in checks))
    return table


def script_table(title: str, results: Iterable[DeviceResult]) -> Table:
    """One row per device, with what the script said of it."""
    table = Table("Device", "Result", "What the script reported", "Attempt", title=title)
    for result in sorted(results, key=lambda each: each.device_name):
        table.add_row(
            result.device_name, _verdict(result), Text(result.summary), str(result.attempt)
        )
    return table


def deployment_table(title: str, results: Iterable[DeviceResult]) -> Table:
    """One row per device, with what became of its change."""
    table = Table("Device", "Result", "What became of the change", "Attempt", title=title)
    for result in sorted(results, key=lambda each: each.device_name):
        if result.item == "config":
            table.add_row(
                result.device_name, _verdict(result), Text(result.summary), str(result.attempt)
            )
    return table


def _health_cell(result: DeviceResult | None) -> Text:
    if result is None:
        return Text("")
    if not result.ok:
        return Text(f"{result.cause}: {result.summary}", style="red")
    latency = "" if result.latency_ms is None else f"{result.latency_ms:.1f} ms"
    return Text(f"up {latency}".rstrip(), style="green")


def run_table(rows: Sequence[Mapping[str, str]]) -> Table:
    """One row per run; the keys are the columns."""
    table = Table(*(rows[0] if rows else ()), title="Runs")
    for row in rows:
        table.add_row(*row.values())
    return table


def diff_view(text: str) -> Syntax:
    """A unified diff in colour."""
    return Syntax(text, "diff", theme="ansi_dark", background_color="default")
