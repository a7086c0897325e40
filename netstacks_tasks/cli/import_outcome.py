"""Says what an import from another system did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from netstacks_tasks.cli.output import print_json, print_text

if TYPE_CHECKING:
    from netstacks_tasks.importing.foreign.report import ForeignReport

_OF_A_KIND = 50


def show(report: ForeignReport, *, as_json: bool) -> None:
    """The report, for programs or for people."""
    if as_json:
        print_json(report)
        return
    if report.dry_run:
        print_text(f"Nothing was written. It would be: {report}")
    else:
        print_text(str(report))
    for lines in _lines(report):
        for line in lines[:_OF_A_KIND]:
            print_text(f"  {line}")
        if more := len(lines[_OF_A_KIND:]):
            print_text(f"  and {more} more (--json has all)")


def _lines(report: ForeignReport) -> Iterator[Sequence[str]]:
    yield [f"created {name}" for name in report.created]
    yield [f"updated {name}: {', '.join(what)}" for name, what in report.updated.items()]
    yield [f"deleted {name}" for name in report.deleted]
    yield [f"new group {name}" for name in report.new_groups]
    yield [
        f"left out {one.name} ({one.place}): {'; '.join(one.reasons)}" for one in report.left_out
    ]
    yield [f"{name} is gone there and was kept: --prune removes it" for name in report.gone]
    if count := len(report.without_credential):
        some = ", ".join(report.without_credential[:5]) + (" ..." if count > 5 else "")
        yield [f"without a credential: {count} ({some}): give one by --credential"]
    yield report.notes
