"""Commands on stored scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import uuid4

import typer

from netstacks_tasks.cli.output import AsJson, print_fields, print_json, print_table
from netstacks_tasks.cli.session import complaints, run

if TYPE_CHECKING:
    from netstacks_tasks.store.inventory_items import Script
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Manage stored scripts.")


@app.command("list")
def list_scripts(as_json: AsJson = False) -> None:
    """List the stored scripts."""

    async def work(netstacks: NetStacks) -> list[Script]:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import Script

        return await inventory.find(netstacks.db, Script)

    found = run(work, as_json=as_json)
    if as_json:
        print_json(found)
    else:
        rows = [(one.name, one.interpreter, len(one.body.splitlines()), one.id) for one in found]
        print_table(("NAME", "INTERPRETER", "LINES", "ID"), rows, "No scripts.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Shown to people; unique.")],
    file: Annotated[Path, typer.Option("--file", "-f", help="The script's text.")],
    interpreter: Annotated[str, typer.Option(help="python or bash.")] = "python",
    as_json: AsJson = False,
) -> None:
    """Store a script, or replace the one of that name."""
    with complaints(as_json=as_json):
        from netstacks_tasks.errors import InvalidInput

        chosen: Literal["python", "bash"]
        if interpreter == "python":
            chosen = "python"
        elif interpreter == "bash":
            chosen = "bash"
        else:
            raise InvalidInput.single("interpreter", "must be python or bash")
        try:
            body = file.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput.single("file", f"{file} cannot be read: {error}") from None

    async def work(netstacks: NetStacks) -> Script:
        from netstacks_tasks.models.ids import ScriptId
        from netstacks_tasks.store import inventory, inventory_changes
        from netstacks_tasks.store.inventory_items import Script

        known = {one.name: one.id for one in await inventory.find(netstacks.db, Script)}
        script = Script(
            id=known.get(name, ScriptId(uuid4())), name=name, interpreter=chosen, body=body
        )
        await inventory_changes.save(netstacks.db, [script])
        return script

    saved = run(work, as_json=as_json)
    if as_json:
        print_json(saved)
    else:
        print_fields({"id": saved.id, "name": saved.name, "interpreter": saved.interpreter})
