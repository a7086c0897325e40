"""Commands on tasks."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netstacks_tasks.cli.output import AsJson, print_fields, print_json, print_table, print_text
from netstacks_tasks.cli.runs import print_history, print_run
from netstacks_tasks.cli.session import complaints, run

if TYPE_CHECKING:
    from netstacks_tasks.models.ids import RunId
    from netstacks_tasks.models.task import Task
    from netstacks_tasks.wiring import NetStacks, RunDetails

app = typer.Typer(no_args_is_help=True, help="Create, change and run tasks.")

Key = Annotated[str, typer.Argument(metavar="TASK", help="Its name or id.")]
File = Annotated[
    Path, typer.Option("--file", "-f", help="A JSON document; - reads standard input.")
]
_FINAL = {"completed", "failed", "cancelled", "crashed", "missed"}


@app.command()
def create(file: File, as_json: AsJson = False) -> None:
    """Save a new task, e.g. `netstacks task create -f nightly-backup.json`."""
    document = _read(file, as_json=as_json)

    async def work(netstacks: NetStacks) -> tuple[Task, tuple[str, ...]]:
        task = await netstacks.create(document)
        return task, await netstacks.guidance(task)

    task, advice = run(work, as_json=as_json)
    _show(task, as_json=as_json)
    for line in advice:
        sys.stderr.write(f"advice: {line}\n")


@app.command("list")
def list_tasks(
    task_type: Annotated[str | None, typer.Option("--type", help="Only this type.")] = None,
    as_json: AsJson = False,
) -> None:
    """List tasks by name."""

    async def work(netstacks: NetStacks) -> list[Task]:
        from netstacks_tasks.store.tasks import TaskFilter

        return await netstacks.tasks(TaskFilter(task_type=task_type))

    found = run(work, as_json=as_json)
    if as_json:
        print_json([_document(task) for task in found])
        return
    columns = ("NAME", "TYPE", "SCHEDULE", "ZONE", "ENABLED", "NEXT RUN", "LAST RUN", "STATUS")
    rows = [
        (
            task.name,
            task.spec.task_type,
            task.spec.cron_expression,
            task.spec.timezone,
            task.spec.enabled,
            task.next_run_at,
            task.last_run_at,
            task.last_status,
        )
        for task in found
    ]
    print_table(columns, rows, "No tasks. Make one with `netstacks task create -f FILE`.")


@app.command()
def show(task: Key, as_json: AsJson = False) -> None:
    """Show one task whole."""
    _show(run(lambda netstacks: netstacks.task(task), as_json=as_json), as_json=as_json)


@app.command()
def update(
    task: Key,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="A JSON object of the fields to change.")
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE; the value is JSON or text.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change fields, e.g. `netstacks task update Nightly --set max_retries=5`."""
    with complaints(as_json=as_json):
        changes = _changes(file, assignments or (), as_json=as_json)
    done = run(lambda netstacks: netstacks.update(task, changes), as_json=as_json)
    _show(done, as_json=as_json)


@app.command()
def enable(task: Key, as_json: AsJson = False) -> None:
    """Let the schedule run the task."""
    _show(run(lambda netstacks: netstacks.enable(task), as_json=as_json), as_json=as_json)


@app.command()
def disable(task: Key, as_json: AsJson = False) -> None:
    """Let the schedule skip the task; it can still be run by hand."""
    _show(run(lambda netstacks: netstacks.disable(task), as_json=as_json), as_json=as_json)


@app.command()
def delete(
    task: Key,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a task; its history and its configurations stay."""
    if not yes:
        typer.confirm(f"Delete the task {task!r}?", abort=True, err=True)
    gone = run(lambda netstacks: netstacks.delete(task), as_json=as_json)
    if as_json:
        print_json({"deleted": gone.id, "name": gone.name})
    else:
        print_text(f"Deleted {gone.name}.")


@app.command("run")
def run_now(
    task: Key,
    wait: Annotated[bool, typer.Option("--wait", help="Until it ends; 1 if it failed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start a run now, with the task's own retries and limits."""

    async def work(netstacks: NetStacks) -> tuple[RunId, RunDetails | None]:
        run_id = await netstacks.run_now(task)
        if not wait:
            return run_id, None
        return run_id, await _ended(netstacks, run_id)

    run_id, ended = run(work, as_json=as_json)
    if ended is not None:
        print_run(ended, as_json=as_json)
        if ended.run.state != "completed":
            raise typer.Exit(1)
    elif as_json:
        print_json({"run_id": run_id})
    else:
        print_text(f"Started run {run_id}. See it with `netstacks run show {run_id}`.")


@app.command()
def history(
    task: Key,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List the runs of a task, the latest first."""
    found = run(lambda netstacks: netstacks.history(task, limit), as_json=as_json)
    print_history(found, as_json=as_json)


async def _ended(netstacks: NetStacks, run_id: RunId) -> RunDetails:
    from netstacks_tasks.store import runs

    while True:
        found = await runs.find(netstacks.db, run_id)
        if found is not None and found.state in _FINAL:
            return await netstacks.run(run_id)
        await asyncio.sleep(1)


def _read(file: Path, *, as_json: bool) -> str:
    with complaints(as_json=as_json):
        from netstacks_tasks.errors import InvalidInput

        try:
            if str(file) == "-":
                return sys.stdin.buffer.read().decode("utf-8-sig")
            return file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise InvalidInput.single("", f"{file} cannot be read: {reason}") from None


def _changes(
    file: Path | None, assignments: list[str] | tuple[()], *, as_json: bool
) -> dict[str, Any]:
    from netstacks_tasks.errors import InvalidInput
    from netstacks_tasks.models.documents import read_document

    changes = read_document(_read(file, as_json=as_json)) if file is not None else {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise InvalidInput.single("--set", f"{assignment!r} is not FIELD=VALUE")
        try:
            changes[name] = json.loads(text)
        except ValueError:
            changes[name] = text
    if not changes:
        raise InvalidInput.single("", "nothing to change: give --set FIELD=VALUE or --file")
    return changes


def _document(task: Task) -> dict[str, Any]:
    known = task.model_dump(mode="json", exclude={"spec"})
    return {**task.spec.model_dump(mode="json", exclude_none=True), **known}


def _show(task: Task, *, as_json: bool) -> None:
    if as_json:
        print_json(_document(task))
    else:
        print_fields(_document(task))
