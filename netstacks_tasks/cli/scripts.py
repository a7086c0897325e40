"""Commands on stored scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import uuid4

import typer

from netstacks_tasks.cli.files import read_text
from netstacks_tasks.cli.names import checked_name
from netstacks_tasks.cli.output import AsJson, print_contents, print_fields, print_json, print_table
from netstacks_tasks.cli.questions import Yes
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.store.inventory_items import Script
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Manage stored scripts.")

Name = Annotated[str, typer.Argument(metavar="SCRIPT", help="Its name or id.")]


@app.command("list")
def list_scripts(as_json: AsJson = False) -> None:
    """List the stored scripts.

    \b
    Example:
      netstacks script list
    """

    async def work(netstacks: NetStacks) -> list[Script]:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import Script

        return await inventory.find(netstacks.db, Script)

    found = run(work)
    if as_json:
        print_json(found)
        return
    rows = [(one.name, one.interpreter, len(one.body.splitlines()), one.id) for one in found]
    columns = ("NAME", "INTERPRETER", "LINES", "ID")
    print_table(columns, rows, "No scripts. Store one with `netstacks script add NAME -f FILE`.")


@app.command()
def show(script: Name, as_json: AsJson = False) -> None:
    """Print a stored script.

    \b
    Example:
      netstacks script show count-routes
    """

    async def work(netstacks: NetStacks) -> Script:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import Script

        return await inventory.get(netstacks.db, Script, script)

    found = run(work)
    if as_json:
        print_json(found)
    else:
        print_contents(found.body)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Shown to people; unique.")],
    file: Annotated[
        Path, typer.Option("--file", "-f", help="The script's text; - reads standard input.")
    ],
    interpreter: Annotated[
        Literal["python", "bash"], typer.Option(help="What runs it.")
    ] = "python",
    as_json: AsJson = False,
) -> None:
    """Store a script, or replace the one of that name.

    \b
    Example:
      netstacks script add count-routes -f count_routes.py
    """
    body = read_text(file)

    async def work(netstacks: NetStacks) -> Script:
        from netstacks_tasks.models.ids import ScriptId
        from netstacks_tasks.store import inventory, inventory_changes
        from netstacks_tasks.store.inventory_items import Script

        known = {one.name: one.id for one in await inventory.find(netstacks.db, Script)}
        script = Script(
            id=known.get(name, ScriptId(uuid4())), name=name, interpreter=interpreter, body=body
        )
        await inventory_changes.save(netstacks.db, [script])
        return script

    checked_name(name)
    _check(body, interpreter, file)
    saved = run(work)
    if as_json:
        print_json(saved)
    else:
        print_fields({"id": saved.id, "name": saved.name, "interpreter": saved.interpreter})


def _check(body: str, interpreter: str, file: Path) -> None:
    from netstacks_tasks.errors import InvalidInput
    from netstacks_tasks.models.stored_script import script_faults

    for field, message in script_faults(body, interpreter):
        if field == "body":
            raise InvalidInput.single("--file", f"{file} {message}")
        raise InvalidInput.single(f"--{field}", message)


@app.command()
def delete(script: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Remove a script that no task runs.

    \b
    Example:
      netstacks script delete count-routes --yes
    """
    from netstacks_tasks.cli.removal import remove

    remove("script", script, yes=yes, as_json=as_json)
