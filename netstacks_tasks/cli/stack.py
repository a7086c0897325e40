"""Commands that start things: up, demo, worker, sync."""

from __future__ import annotations

import os
import socket
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_note, print_text
from netstacks_tasks.cli.progress import shown
from netstacks_tasks.cli.session import log_to_stderr, run

if TYPE_CHECKING:
    from netstacks_tasks.settings import Settings
    from netstacks_tasks.sync.report import SyncReport

_LINES_OF_A_KIND = 50


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="With the simulated devices and tasks of the demo.")
    ] = False,
) -> None:
    """Start PostgreSQL, Prefect, a worker, the sync and the page on this machine, until Ctrl-C.

    Uses the PostgreSQL of NETSTACKS_DATABASE_URL and the Prefect server of
    PREFECT_API_URL where they are set. The page and the API listen where
    `netstacks serve --help` says. State is kept from one start to the next
    in NETSTACKS_STATE_DIR. Other `netstacks` commands of this user find what
    runs here; `netstacks env` tells other programs.

    \b
    Examples:
      netstacks up
      NETSTACKS_PREFECT_PORT=4300 netstacks up
      netstacks up --demo
    """
    from netstacks_tasks.access.terminal import terminal_actor
    from netstacks_tasks.serving.listening import check_reach
    from netstacks_tasks.settings import load_settings
    from netstacks_tasks.store.acting import acting_as

    settings = load_settings()
    check_reach(settings)
    log_to_stderr(settings.log_level, settings.log_format)
    if demo:
        from rich.console import Console

        from netstacks_tasks.demo.demo import run_demo_up

        with acting_as(terminal_actor()):
            raise typer.Exit(run_demo_up(settings, Console()))
    from netstacks_tasks.embedded.up import run_up
    from netstacks_tasks.serving.beside_stack import page_beside

    beside = partial(page_beside, complain=_complain)
    raise typer.Exit(run_up(settings, beside=beside, say=print_text, complain=_complain))


def demo() -> None:
    """Show everything on simulated devices, then stop it and leave nothing behind.

    Takes about two minutes: captures, checks, a retry, a diff and a run fired
    by cron, through real servers on this machine.

    \b
    Example:
      netstacks demo
    """
    from rich.console import Console

    from netstacks_tasks.demo.demo import run_demo
    from netstacks_tasks.settings import load_settings

    settings = load_settings()
    log_to_stderr("WARNING")
    raise typer.Exit(run_demo(settings, Console()))


def worker(
    limit: Annotated[
        int | None, typer.Option(min=1, help="Runs at the same time; NETSTACKS_WORKER_LIMIT or 10.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Shown in Prefect; by default the machine and the process.")
    ] = None,
    pool: Annotated[
        str | None,
        typer.Option(help="The work pool, e.g. of a site; NETSTACKS_WORK_POOL or netstacks."),
    ] = None,
) -> None:
    """Run tasks: a worker on the work pool, until Ctrl-C.

    Start it on as many machines as there is work for, and one at each site that has
    a pool of its own (netstacks site assign). Each needs this package
    installed, the way to its devices, PREFECT_API_URL, and what the server asks
    for: PREFECT_API_AUTH_STRING or PREFECT_API_KEY.

    \b
    Examples:
      PREFECT_API_URL=http://prefect.example:4200/api netstacks worker
      netstacks worker --limit 20 --name rack-7
      netstacks worker --pool pool-fra
    """
    from netstacks_tasks.embedded.connection import running_stack
    from netstacks_tasks.embedded.endpoints import NO_PREFECT, NotConnected, made_home, prefect_of
    from netstacks_tasks.embedded.environment import tunables
    from netstacks_tasks.embedded.prefect_context import pointed_at
    from netstacks_tasks.embedded.worker import worker_command, worker_environment
    from netstacks_tasks.metrics.listener import check_port
    from netstacks_tasks.settings import load_settings

    settings = load_settings()
    # Flow runs learn from a block where the database is: a worker need not know.
    prefect = prefect_of(settings, running_stack(settings.state_dir))
    if prefect.api_url is None:
        raise NotConnected(NO_PREFECT)
    check_port(settings)
    home = made_home(settings.state_dir / "prefect")
    served = pool or prefect.work_pool
    command = worker_command(
        served,
        name=name or f"{served}-{socket.gethostname()}-{os.getpid()}",
        limit=limit or settings.worker_limit,
    )
    os.chdir(home)
    with pointed_at(prefect.api_url, home=home, auth_string=prefect.auth_string):
        environment = worker_environment(home, prefect.api_url, tunables())
        import asyncio

        asyncio.run(_check_login(prefect.api_url))
    os.execve(command[0], command, environment)  # noqa: S606 - it takes this process's place


async def _check_login(api_url: str) -> None:
    """Ask Prefect once: its worker would tell of a wrong login by a traceback."""
    from netstacks_tasks.sync.prefect_errors import (
        PrefectLoginRefused,
        PrefectUnavailable,
        open_client,
        translated,
    )

    try:
        async with open_client(api_url) as client, translated("start a worker"):
            await client.api_version()
    except PrefectLoginRefused:
        raise
    except PrefectUnavailable:
        return  # the worker waits for it


def sync(
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and follow every edit, until Ctrl-C.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Read every deployment back and undo drift.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make Prefect's deployments equal to the tasks, and the history to its runs.

    With --watch it also mends runs whose worker died and records missed times:
    one of them must be running (`netstacks up` has one). A second does no harm.
    Stopped half-way, it has kept what it did, and the next one goes on.

    \b
    Examples:
      netstacks sync
      netstacks sync --full --json
      netstacks sync --watch
    """
    from netstacks_tasks.errors import InvalidInput
    from netstacks_tasks.settings import load_settings

    if watch:
        if full or as_json:
            raise InvalidInput.single("--watch", "stands alone: it logs what it does, for ever")
        settings = load_settings()
        log_to_stderr(settings.log_level, settings.log_format)
        import asyncio

        asyncio.run(_watch(settings))
        return
    with shown(quiet=as_json) as tell:
        report = run(lambda netstacks: netstacks.sync(full=full, on_progress=tell))
    if as_json:
        print_json(report)
    else:
        _print_report(report)
    if report.errors:
        raise typer.Exit(1)


def _print_report(report: SyncReport) -> None:
    counts = {
        "created": len(report.created),
        "updated": len(report.updated),
        "deleted": len(report.deleted),
        "failed": len(report.errors),
    }
    done = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    print_text(f"{done}." if done else "Prefect has every task as it is written.")
    _print_some([f"created {name}" for name in report.created])
    _print_some([f"updated {name}: {', '.join(fields)}" for name, fields in report.updated.items()])
    _print_some([f"deleted {name}" for name in report.deleted])
    for name, message in report.errors.items():
        _complain(f"{name}: {message}")


def _print_some(lines: list[str]) -> None:
    """After an import there may be thousands."""
    for line in lines[:_LINES_OF_A_KIND]:
        print_text(f"  {line}")
    if more := len(lines[_LINES_OF_A_KIND:]):
        print_text(f"  and {more} more (--json has all)")


async def _watch(settings: Settings) -> None:
    from netstacks_tasks.embedded.sync_service import watch_tasks
    from netstacks_tasks.metrics.listener import shown_beside
    from netstacks_tasks.sync.serving_parts import exposed
    from netstacks_tasks.wiring import NetStacks

    async with NetStacks.open(settings) as netstacks:
        netstacks.endpoints.make_home()
        api_url = netstacks.endpoints.api_url
        async with shown_beside(settings, exposed(netstacks.db, api_url)):
            await watch_tasks(
                netstacks.db,
                netstacks.endpoints.database_url,
                api_url,
                netstacks.endpoints.work_pool,
            )


def _complain(text: str) -> None:
    print_note(f"netstacks: {text}")
