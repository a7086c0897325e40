"""The command `netstacks`."""

from __future__ import annotations

from typing import Annotated

import typer

from netstacks_tasks.cli import (
    credentials,
    devices,
    documents,
    runs,
    scripts,
    snapshots,
    stack,
    tasks,
)
from netstacks_tasks.cli.doctor import doctor

app = typer.Typer(
    name="netstacks",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Recurring network operations, run by Prefect. Exit codes: 0 done, 1 failed, "
    "2 wrong input (nothing was written), 3 database or Prefect not reachable.",
)

for command in (stack.up, stack.demo, stack.worker, stack.sync):
    app.command()(command)
app.command("import")(documents.import_files)
app.command()(documents.preview)
app.command()(documents.schema)
app.command()(doctor)
app.add_typer(tasks.app, name="task")
app.add_typer(runs.app, name="run")
app.add_typer(snapshots.app, name="snapshot")
app.add_typer(devices.app, name="device")
app.add_typer(devices.groups, name="group")
app.add_typer(credentials.app, name="credential")
app.add_typer(scripts.app, name="script")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"netstacks {version('netstacks-tasks')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Options that stand before the command."""


def main() -> None:
    """Run the command line of this process."""
    app()
