"""The command `netstacks`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from netstacks_tasks import private_memory
from netstacks_tasks.cli import (
    alerts,
    credentials,
    declared,
    devices,
    documents,
    groups,
    imports,
    instances,
    models,
    previews,
    retention,
    runs,
    scripts,
    sites,
    snapshots,
    stack,
    stacks,
    task_runs,
    tasks,
    tokens,
    users,
)
from netstacks_tasks.cli.audit import audit
from netstacks_tasks.cli.command_groups import Group
from netstacks_tasks.cli.doctor import doctor
from netstacks_tasks.cli.failures import FAILED, INTERRUPTED, tell
from netstacks_tasks.cli.import_group import ImportGroup
from netstacks_tasks.cli.output import BROKEN_PIPE, abandon
from netstacks_tasks.cli.serve import serve
from netstacks_tasks.cli.session import keep_quiet, log_to_stderr
from netstacks_tasks.cli.shell import env

app = typer.Typer(
    name="netstacks",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    cls=Group,
    help="""Recurring network operations, run by Prefect.

    \b
    First steps:
      netstacks up                        everything on this machine, its page too
      netstacks import inventory.yaml     devices, groups, credentials, tasks
      netstacks task create -f task.json
      netstacks task run 'My Task' --wait
      netstacks doctor                    what is wrong, and how to mend it

    \b
    Exit codes:
      0  done
      1  it failed
      2  wrong input or usage; nothing was written
      3  the database, Prefect or a device cannot be reached
      4  `apply --dry-run` found changes

    Every command that answers takes --json: the answer on standard output, an
    error on standard error. Where things are is said by NETSTACKS_DATABASE_URL
    and PREFECT_API_URL; without them, the stack of `netstacks up` is used. A
    Prefect server of your own is given PREFECT_API_AUTH_STRING or PREFECT_API_KEY.
    """,
)

for command in (stack.up, stack.demo, stack.worker, stack.sync, serve):
    app.command()(command)
app.add_typer(imports.app, name="import", cls=ImportGroup)
app.command()(declared.apply)
app.command()(declared.export)
app.command()(previews.preview)
app.command()(documents.schema)
app.command()(audit)
app.command()(doctor)
app.command()(env)
for noun, commands in (
    ("task", tasks.app),
    ("run", runs.app),
    ("snapshot", snapshots.app),
    ("device", devices.app),
    ("group", groups.app),
    ("site", sites.app),
    ("credential", credentials.app),
    ("script", scripts.app),
    ("stack", stacks.app),
    ("instance", instances.app),
    ("model", models.app),
    ("user", users.app),
    ("token", tokens.app),
    ("alert", alerts.app),
    ("retention", retention.app),
):
    app.add_typer(commands, name=noun, cls=Group)
for task_command in task_runs.COMMANDS:
    tasks.app.command(task_command.name)(task_command.function)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"netstacks {version('netstacks-tasks')}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks and everything that is logged.")
    ] = False,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    if debug:
        log_to_stderr("DEBUG")


def execute(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit code."""
    keep_quiet()
    try:
        # Exit codes are returned here, and errors raised.
        code = app(args=list(arguments), prog_name="netstacks", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        abandon(sys.stdout)
        return BROKEN_PIPE
    except typer.Abort:
        sys.stderr.write("netstacks: stopped; nothing was changed\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if "--debug" in arguments:
            raise
        return tell(error, as_json="--json" in arguments)
    return code if isinstance(code, int) else 0


def main() -> None:
    """Run the command line of this process."""
    private_memory.keep()
    # A daemon may have been started without them.
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    sys.stderr = sys.stderr or sys.stdout
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the terminal cannot show is no reason to fail.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(execute(sys.argv[1:]))
