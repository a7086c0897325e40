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
    from netstacks_tasks.wiring import RunDetails

app = typer.Typer(no_args_is_help=True, help="Look at runs.")


@app.command("list")
def list_runs(
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 20, as_json: AsJson = False
) -> None:
    """List the latest runs of all tasks."""
    found = run(lambda netstacks: netstacks.history(None, limit), as_json=as_json)
    print_history(found, as_json=as_json)


@app.command()
def show(run_id: UUID, as_json: AsJson = False) -> None:
    """Show a run with its attempts and what was found on each device."""
    from netstacks_tasks.models.ids import RunId

    details = run(lambda netstacks: netstacks.run(RunId(run_id)), as_json=as_json)
    print_run(details, as_json=as_json)


@app.command()
def cancel(run_id: UUID, as_json: AsJson = False) -> None:
    """End a run that waits or works."""
    from netstacks_tasks.models.ids import RunId

    run(lambda netstacks: netstacks.cancel(RunId(run_id)), as_json=as_json)
    if as_json:
        print_json({"cancelling": run_id})
    else:
        print_text(f"Asked Prefect to cancel the run {run_id}.")


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
            one.message[:100],
        )
        for one in found
    ]
    print_table(columns, rows, "No runs yet.")


def print_run(details: RunDetails, *, as_json: bool) -> None:
    """One run whole."""
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
            "" if result.latency_ms is None else f"{result.latency_ms:.1f} ms",
            f"{result.stage}/{result.cause}: {result.summary}" if not result.ok else result.summary,
        )
        for result in sorted(details.results, key=lambda one: (one.ok, one.device_name, one.item))
    ]
    columns = ("DEVICE", "ITEM", "RESULT", "ATTEMPT", "LATENCY", "DETAIL")
    print_table(columns, results, "No device results.")
