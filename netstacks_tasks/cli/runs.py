"""Commands on the history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from netstacks_tasks.cli.output import AsJson, print_fields, print_json, print_table, print_text
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.models.runs import TaskRun
    from netstacks_tasks.records import RunDetails

app = typer.Typer(no_args_is_help=True, help="Look at runs, and end them.")

Run = Annotated[UUID, typer.Argument(metavar="RUN", help="Its id, the one Prefect shows.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")]
Before = Annotated[
    UUID | None, typer.Option(metavar="RUN", help="Go on after this run, the last of a page.")
]


@app.command("list")
def list_runs(limit: Limit = 20, before: Before = None, as_json: AsJson = False) -> None:
    """List the latest runs of all tasks, those of deleted tasks too.

    \b
    Example:
      netstacks run list --limit 100
    """
    from netstacks_tasks.models.ids import RunId

    page = None if before is None else RunId(before)
    print_history(run(lambda netstacks: netstacks.history(None, limit, page)), as_json=as_json)


@app.command()
def show(run_id: Run, as_json: AsJson = False) -> None:
    """Show a run with its attempts and what was found on each device.

    \b
    Example:
      netstacks run show 0f3a6c1e-6f0e-4a0f-9d6e-6f2b2f0c4a11
    """
    from netstacks_tasks.models.ids import RunId

    print_run(run(lambda netstacks: netstacks.run(RunId(run_id))), as_json=as_json)


@app.command()
def cancel(run_id: Run, as_json: AsJson = False) -> None:
    """End a run that waits or works.

    \b
    Example:
      netstacks run cancel 0f3a6c1e-6f0e-4a0f-9d6e-6f2b2f0c4a11
    """
    from netstacks_tasks.models.ids import RunId

    run(lambda netstacks: netstacks.cancel(RunId(run_id)))
    if as_json:
        print_json({"cancelled": [run_id]})
    else:
        print_text(f"Cancelling: {run_id}.")


def print_history(found: Sequence[TaskRun], *, as_json: bool) -> None:
    """Runs, one a line."""
    if as_json:
        print_json(found)
        return
    columns = ("RUN", "TASK", "BY", "STATE", "DUE", "STARTED", "ENDED", "ATTEMPTS", "MESSAGE")
    rows = [
        (
            one.id,
            one.task_name,
            one.trigger,
            one.state,
            one.scheduled_for,
            one.started_at,
            one.ended_at,
            one.attempts,
            _shortened(one.message),
        )
        for one in found
    ]
    print_table(columns, rows, "No runs yet.")


def _shortened(text: str, most: int = 100) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def print_run(details: RunDetails, *, as_json: bool) -> None:
    """One run whole; what failed comes first."""
    if as_json:
        print_json(details)
        return
    print_fields(details.run.model_dump())
    print_text("")
    rows = [
        (attempt.attempt, attempt.outcome, attempt.started_at, attempt.ended_at, attempt.error)
        for attempt in details.attempts
    ]
    print_table(("ATTEMPT", "OUTCOME", "STARTED", "ENDED", "ERROR"), rows, "No attempts.")
    print_text("")
    results = [
        (
            result.device_name,
            result.item,
            "ok" if result.ok else "FAILED",
            result.attempt,
            None if result.latency_ms is None else f"{result.latency_ms:.1f} ms",
            result.snapshot_id,
            f"{result.stage}/{result.cause}: {result.summary}" if not result.ok else result.summary,
        )
        for result in sorted(details.results, key=lambda one: (one.ok, one.device_name, one.item))
    ]
    columns = ("DEVICE", "ITEM", "RESULT", "ATTEMPT", "LATENCY", "VERSION", "DETAIL")
    print_table(columns, results, "No device results.")
