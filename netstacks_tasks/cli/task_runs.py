"""Commands on the runs of one task."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_note, print_text
from netstacks_tasks.cli.previews import Count, print_preview
from netstacks_tasks.cli.runs import Before, Limit, print_history, print_run
from netstacks_tasks.cli.session import run
from netstacks_tasks.cli.tasks import Key

if TYPE_CHECKING:
    from netstacks_tasks.models.ids import RunId
    from netstacks_tasks.records import RunDetails
    from netstacks_tasks.wiring import NetStacks


def run_task(
    task: Key,
    wait: Annotated[
        bool, typer.Option("--wait", help="Until it ends; exit code 1 if it failed.")
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option(min=1, help="Wait so many seconds at most; the run goes on."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start a run now, with the task's own retries and limits.

    It queues when another run of the task is under way. A task that is
    disabled can be run too.

    \b
    Examples:
      netstacks task run 'Nightly Core Router Backup'
      netstacks task run 'Nightly Core Router Backup' --wait --timeout 900
    """

    async def work(netstacks: NetStacks) -> tuple[RunId, RunDetails | None]:
        run_id = await netstacks.run_now(task)
        if not wait and timeout is None:
            return run_id, None
        return run_id, await _awaited(netstacks, run_id, timeout)

    run_id, ended = run(work)
    if ended is not None:
        print_run(ended, as_json=as_json)
        if ended.run.state != "completed":
            raise typer.Exit(1)
    elif as_json:
        print_json({"run_id": run_id})
    else:
        print_text(f"Started run {run_id}. See it with `netstacks run show {run_id}`.")


async def _awaited(netstacks: NetStacks, run_id: RunId, timeout: float | None) -> RunDetails:
    import asyncio

    from netstacks_tasks.errors import NetstacksError

    try:
        print_note(f"Waiting for run {run_id}.")
        async with asyncio.timeout(timeout):
            return await netstacks.ended(run_id)
    except TimeoutError:
        raise NetstacksError(
            f"the run {run_id} has not ended within {timeout:g} s; it goes on: see it with "
            f"`netstacks run show {run_id}`"
        ) from None
    except asyncio.CancelledError:
        print_note(f"The run {run_id} goes on; end it with `netstacks run cancel {run_id}`.")
        raise


def cancel(task: Key, as_json: AsJson = False) -> None:
    """End every run of the task that waits or works; its schedule stays.

    \b
    Example:
      netstacks task cancel 'Nightly Core Router Backup'
    """
    cancelled = run(lambda netstacks: netstacks.cancel_task(task))
    if as_json:
        print_json({"cancelled": cancelled})
    elif cancelled:
        print_text(f"Cancelling: {', '.join(map(str, cancelled))}.")
    else:
        print_text("No run of this task waits or works.")


def history(task: Key, limit: Limit = 20, before: Before = None, as_json: AsJson = False) -> None:
    """List the runs of a task, the latest first.

    \b
    Examples:
      netstacks task history 'Nightly Core Router Backup'
      netstacks task history Nightly --limit 100 --json
    """
    from netstacks_tasks.models.ids import RunId

    page = None if before is None else RunId(before)
    print_history(run(lambda netstacks: netstacks.history(task, limit, page)), as_json=as_json)


def preview(task: Key, count: Count = 5, as_json: AsJson = False) -> None:
    """Show the next runs of a task, in its timezone and in UTC.

    \b
    Example:
      netstacks task preview 'Nightly Core Router Backup' --count 10
    """
    spec = run(lambda netstacks: netstacks.task(task)).spec
    if not spec.enabled:
        print_note("The task is disabled: its schedule would run it at these times.")
    print_preview(spec.cron_expression, spec.timezone, count, as_json=as_json)


class _Command(NamedTuple):
    name: str
    function: Callable[..., None]


COMMANDS: Final = (
    _Command("run", run_task),
    _Command("cancel", cancel),
    _Command("history", history),
    _Command("preview", preview),
)
"""They belong to the noun `task`."""
