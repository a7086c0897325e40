"""Commands on stacks: the templates that deployments push."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.output import AsJson, print_fields, print_json, print_table
from netstacks_tasks.cli.questions import Yes
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.store.inventory_items import Stack
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Look at stacks: versioned sets of templates.")

Name = Annotated[str, typer.Argument(metavar="STACK", help="Its name or id.")]


@app.command("list")
def list_stacks(as_json: AsJson = False) -> None:
    """List the stacks in their newest versions.

    \b
    Example:
      netstacks stack list
    """

    async def work(netstacks: NetStacks) -> list[Stack]:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import Stack

        return await inventory.find(netstacks.db, Stack)

    found = run(work)
    if as_json:
        print_json(found)
        return
    rows = [
        (one.name, one.version, ", ".join(one.templates), one.description, one.id) for one in found
    ]
    columns = ("NAME", "VERSION", "TEMPLATES", "DESCRIPTION", "ID")
    print_table(columns, rows, "No stacks. Import some with `netstacks import FILE`.")


@app.command()
def show(
    stack: Name,
    version: Annotated[
        int | None, typer.Option(min=1, help="This version instead of the newest.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a stack's templates and variables.

    \b
    Examples:
      netstacks stack show access-vlans
      netstacks stack show access-vlans --version 3 --json
    """

    async def work(netstacks: NetStacks) -> Stack:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import Stack

        newest = await inventory.get(netstacks.db, Stack, stack)
        if version is None:
            return newest
        return await inventory.stack_version(netstacks.db, newest.id, version)

    found = run(work)
    if as_json:
        print_json(found)
    else:
        print_fields(found.model_dump(mode="json"))


@app.command()
def delete(stack: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Remove a stack that no instance uses, with all its versions.

    \b
    Example:
      netstacks stack delete retired --yes
    """
    from netstacks_tasks.cli.removal import remove

    remove("stack", stack, yes=yes, as_json=as_json)
