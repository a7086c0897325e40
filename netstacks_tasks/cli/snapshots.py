"""Commands on configurations."""

from __future__ import annotations

import sys
from typing import Annotated
from uuid import UUID

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_table, print_text
from netstacks_tasks.cli.session import run

app = typer.Typer(no_args_is_help=True, help="Look at the configurations that backups kept.")


@app.command("list")
def list_snapshots(
    device: Annotated[str | None, typer.Option(help="Only of this device.")] = None,
    destination: Annotated[str | None, typer.Option(help="Only at this destination.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List versions, the newest first."""
    found = run(lambda netstacks: netstacks.snapshots(device, destination, limit), as_json=as_json)
    if as_json:
        print_json(found)
        return
    columns = ("VERSION", "DEVICE", "SOURCE", "CAPTURED", "LINES", "SHA-256", "DESTINATION")
    rows = [
        (
            one.id,
            one.device_name,
            one.source,
            one.captured_at,
            one.line_count,
            one.sha256[:12],
            one.destination,
        )
        for one in found
    ]
    print_table(columns, rows, "No versions. A backup that succeeds makes the first one.")


@app.command()
def show(version: UUID, as_json: AsJson = False) -> None:
    """Print a configuration as the device gave it; it may hold the device's secrets."""
    stored = run(lambda netstacks: netstacks.snapshot(version), as_json=as_json)
    if as_json:
        print_json(stored)
    else:
        text = stored.content
        # A terminal gets no control characters; a file or a pipe gets the text as it is.
        print_text(text) if sys.stdout.isatty() else sys.stdout.write(text)


@app.command()
def diff(
    version: UUID,
    before: Annotated[
        UUID | None, typer.Argument(help="The older version; by default the one before.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two versions."""
    text = run(lambda netstacks: netstacks.diff(version, before), as_json=as_json)
    if as_json:
        print_json({"diff": text})
    else:
        print_text(text or "No difference.")
