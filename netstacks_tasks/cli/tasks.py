"""Commands on tasks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from netstacks_tasks.cli.files import read_bytes
from netstacks_tasks.cli.output import (
    AsJson,
    print_fields,
    print_json,
    print_note,
    print_table,
    print_text,
)
from netstacks_tasks.cli.questions import Yes, confirm
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.models.task import Task
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Create, change, run and follow tasks.")

Key = Annotated[str, typer.Argument(metavar="TASK", help="Its name or id.")]
TypeName = Literal["deployment", "backup", "health_check", "custom_script", "agent_task"]


@app.command()
def create(
    file: Annotated[
        Path, typer.Option("--file", "-f", help="The task as JSON; - reads standard input.")
    ],
    as_json: AsJson = False,
) -> None:
    """Save a new task.

    Everything that is wrong with it is told at once, and then nothing is saved.
    `netstacks schema` describes the document.

    \b
    Examples:
      netstacks task create -f nightly-backup.json
      jq '.name = "Copy"' nightly-backup.json | netstacks task create -f -
    """

    async def work(netstacks: NetStacks) -> tuple[Task, tuple[str, ...]]:
        task = await netstacks.create(document)
        return task, await netstacks.guidance(task)

    document = read_bytes(file)
    task, advice = run(work)
    show_task(task, as_json=as_json)
    _advise(advice)


@app.command("list")
def list_tasks(
    task_type: Annotated[
        TypeName | None, typer.Option("--type", help="Only tasks of this type.")
    ] = None,
    enabled: Annotated[
        bool | None, typer.Option("--enabled/--disabled", help="Only those that are on, or off.")
    ] = None,
    status: Annotated[
        str | None, typer.Option(help="Only those whose last run ended so, e.g. failed.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Only those with this in their name.")] = None,
    as_json: AsJson = False,
) -> None:
    """List tasks by name, with their next and last runs.

    \b
    Examples:
      netstacks task list
      netstacks task list --type backup --status failed
    """

    async def work(netstacks: NetStacks) -> list[Task]:
        from netstacks_tasks.store.tasks import TaskFilter

        return await netstacks.tasks(
            TaskFilter(task_type=task_type, enabled=enabled, last_status=status, text=text)
        )

    found = run(work)
    if as_json:
        print_json([task_document(task) for task in found])
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
    """Show one task whole: what was written, and what is known of it.

    \b
    Example:
      netstacks task show 'Nightly Core Router Backup'
    """

    async def work(netstacks: NetStacks) -> tuple[Task, dict[str, str]]:
        from netstacks_tasks.cli.task_place import place_of

        found = await netstacks.task(task)
        return found, await place_of(netstacks, found)

    found, place = run(work)
    document = {**task_document(found), **place}
    if as_json:
        print_json(document)
    else:
        print_fields(document)


@app.command()
def update(
    task: Key,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", "-f", help="A JSON object of the fields to change; - reads standard input."
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="A field, or one parameter as parameters.NAME; the value is JSON, or else text.",
        ),
    ] = None,
    revision: Annotated[
        int | None, typer.Option(help="Refuse if the task was edited since it had this one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change fields of a task; Prefect follows within seconds.

    \b
    Examples:
      netstacks task update Nightly --set max_retries=5 --set timezone=Europe/Berlin
      netstacks task update Nightly --set parameters.destination=backups/core
      netstacks task update Nightly --set 'name="2026"'      (text that looks like a number)
      echo '{"cron_expression": "@daily"}' | netstacks task update Nightly -f -
    """

    async def work(netstacks: NetStacks) -> tuple[Task, tuple[str, ...]]:
        changed = await netstacks.update(task, changes, revision=revision)
        return changed, await netstacks.guidance(changed)

    changes = _changes(file, assignments or ())
    changed, advice = run(work)
    show_task(changed, as_json=as_json)
    _advise(advice)


@app.command()
def enable(task: Key, as_json: AsJson = False) -> None:
    """Let the schedule run the task.

    \b
    Example:
      netstacks task enable 'Nightly Core Router Backup'
    """
    show_task(run(lambda netstacks: netstacks.enable(task)), as_json=as_json)


@app.command()
def disable(task: Key, as_json: AsJson = False) -> None:
    """Let the schedule skip the task; it keeps everything and can be run by hand.

    \b
    Example:
      netstacks task disable 'Nightly Core Router Backup'
    """
    show_task(run(lambda netstacks: netstacks.disable(task)), as_json=as_json)


@app.command()
def delete(
    task: Key,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove a task; its history and its configurations stay.

    \b
    Example:
      netstacks task delete 'Nightly Core Router Backup' --yes
    """
    confirm(f"Delete the task {task!r}?", yes=yes)
    gone = run(lambda netstacks: netstacks.delete(task))
    if as_json:
        print_json({"deleted": gone.id, "name": gone.name})
    else:
        print_text(f"Deleted {gone.name}.")


def task_document(task: Task) -> dict[str, Any]:
    """A task as one flat object: its fields, then what is known of it."""
    known = task.model_dump(exclude={"spec"})
    return {**task.spec.model_dump(mode="json", exclude_none=True), **known}


def show_task(task: Task, *, as_json: bool) -> None:
    """Print one task."""
    if as_json:
        print_json(task_document(task))
    else:
        print_fields(task_document(task))


def _advise(advice: Sequence[str]) -> None:
    for line in advice:
        print_note(f"advice: {line}")


def _changes(file: Path | None, assignments: Sequence[str]) -> dict[str, Any]:
    from netstacks_tasks.errors import InvalidInput
    from netstacks_tasks.models.documents import read_document

    changes = read_document(read_bytes(file)) if file is not None else {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name:
            raise InvalidInput.single("--set", f"{assignment!r} is not FIELD=VALUE")
        try:
            changes[name] = json.loads(text)
        except (ValueError, RecursionError):
            changes[name] = text
    if not changes:
        raise InvalidInput.single("", "nothing to change: give --set FIELD=VALUE or --file")
    return changes
