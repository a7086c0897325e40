"""Commands on device groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.output import AsJson, print_fields, print_json, print_table
from netstacks_tasks.cli.questions import Yes
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.store.inventory_items import DeviceGroup
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Look at device groups.")

Name = Annotated[str, typer.Argument(metavar="GROUP", help="Its name or id.")]


@app.command("list")
def list_groups(as_json: AsJson = False) -> None:
    """List the inventory's device groups, with the number of their devices.

    \b
    Example:
      netstacks group list
    """

    async def work(netstacks: NetStacks) -> list[tuple[DeviceGroup, int]]:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import DeviceGroup

        members = [name for one in await inventory.devices(netstacks.db) for name in one.groups]
        found = await inventory.find(netstacks.db, DeviceGroup)
        return [(group, members.count(group.name)) for group in found]

    counted = run(work)
    if as_json:
        print_json([{**group.model_dump(mode="json"), "devices": n} for group, n in counted])
        return
    rows = [(group.name, n, group.description, group.id) for group, n in counted]
    columns = ("NAME", "DEVICES", "DESCRIPTION", "ID")
    print_table(columns, rows, "No groups. Import some with `netstacks import FILE`.")


@app.command()
def show(group: Name, as_json: AsJson = False) -> None:
    """Show a group and its devices.

    \b
    Example:
      netstacks group show core-routers
    """

    async def work(netstacks: NetStacks) -> tuple[DeviceGroup, list[str]]:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import DeviceGroup

        found = await inventory.get(netstacks.db, DeviceGroup, group)
        members = await inventory.devices(netstacks.db, group_id=found.id)
        return found, [one.name for one in members]

    found, members = run(work)
    document = {**found.model_dump(mode="json"), "devices": members}
    if as_json:
        print_json(document)
    else:
        print_fields(document)


@app.command()
def delete(group: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Remove a group that no task works on; its devices stay.

    \b
    Example:
      netstacks group delete retired --yes
    """
    from netstacks_tasks.cli.removal import remove

    remove("device group", group, yes=yes, as_json=as_json)
