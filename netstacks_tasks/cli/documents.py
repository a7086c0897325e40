"""Commands on documents: import and schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from netstacks_tasks.cli.files import read_bytes
from netstacks_tasks.cli.output import AsJson, print_json, print_text
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.importing.report import ImportReport
    from netstacks_tasks.wiring import NetStacks


def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="YAML, JSON or CSV; - reads standard input."),
    ],
    form: Annotated[
        Literal["yaml", "json", "csv"] | None,
        typer.Option("--format", help="How to read them; by their suffixes unless given."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import inventory and tasks: everything in the files, or nothing.

    Sections: credentials, device_groups, devices, scripts, stacks,
    stack_instances, tasks. A CSV file holds devices. Importing the same files
    again changes nothing. Every bad line is told with its file and number.

    \b
    Examples:
      netstacks import files inventory.yaml tasks.json
      netstacks import devices.csv
      generate-inventory | netstacks import - --format yaml
    """

    async def work(netstacks: NetStacks) -> ImportReport:
        from netstacks_tasks.importing.sources import Source

        sources = [
            Source("standard input", read_bytes(file)) if str(file) == "-" else file
            for file in files
        ]
        return await netstacks.import_files(sources, form)

    report = run(work)
    if as_json:
        print_json(report)
    else:
        print_text(str(report))


def schema() -> None:
    """Print the JSON Schema of a task, for editors and programs.

    \b
    Example:
      netstacks schema > task.schema.json
    """
    from netstacks_tasks.models.json_schema import task_json_schema

    print_json(task_json_schema())
