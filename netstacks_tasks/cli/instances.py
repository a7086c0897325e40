"""Commands on stack instances: a stack with its devices and variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.output import (
    AsJson,
    print_fields,
    print_json,
    print_note,
    print_table,
    print_text,
)
from netstacks_tasks.cli.questions import Yes
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netstacks_tasks.models.stack_rendering import Rendered
    from netstacks_tasks.store.inventory_items import StackInstance
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(
    no_args_is_help=True, help="Look at stack instances: a stack with its devices and variables."
)

Name = Annotated[str, typer.Argument(metavar="INSTANCE", help="Its name or id.")]


@app.command("list")
def list_instances(as_json: AsJson = False) -> None:
    """List the stack instances.

    \b
    Example:
      netstacks instance list
    """

    async def work(netstacks: NetStacks) -> list[tuple[StackInstance, str]]:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import Stack, StackInstance

        names = {stack.id: stack.name for stack in await inventory.find(netstacks.db, Stack)}
        found = await inventory.find(netstacks.db, StackInstance)
        return [(one, names[one.stack_id]) for one in found]

    found = run(work)
    if as_json:
        print_json([{**one.model_dump(mode="json"), "stack": name} for one, name in found])
        return
    rows = [
        (one.name, name, one.version, len(one.devices), one.mode, one.id) for one, name in found
    ]
    columns = ("NAME", "STACK", "VERSION", "DEVICES", "MODE", "ID")
    print_table(columns, rows, "No stack instances. Import some with `netstacks import FILE`.")


@app.command()
def show(instance: Name, as_json: AsJson = False) -> None:
    """Show a stack instance: its version, devices in order, variables and rollout.

    \b
    Example:
      netstacks instance show access-vlans-west
    """

    async def work(netstacks: NetStacks) -> StackInstance:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import StackInstance

        return await inventory.get(netstacks.db, StackInstance, instance)

    found = run(work)
    if as_json:
        print_json(found)
    else:
        print_fields(found.model_dump(mode="json"))


@app.command()
def render(
    instance: Name,
    device: Annotated[str | None, typer.Option(help="Only for this device, by name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print what a deployment would want in force on each device; no device is touched.

    The values of Secret blocks are left out. Exit code 1 when a device's
    templates cannot be rendered.

    \b
    Examples:
      netstacks instance render access-vlans-west
      netstacks instance render access-vlans-west --device edge-sw-01
    """

    async def work(netstacks: NetStacks) -> Sequence[Rendered]:
        from netstacks_tasks.operations.deployment.trial import trial
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import StackInstance

        found = await inventory.get(netstacks.db, StackInstance, instance)
        return await trial(netstacks.db, found, device)

    rendered = run(work)
    if as_json:
        print_json(
            [
                {
                    "device": one.device.name,
                    "text": one.text if one.fault is None else None,
                    "error": None if one.fault is None else one.fault.detail,
                }
                for one in rendered
            ]
        )
    else:
        for one in rendered:
            if one.fault is None:
                print_text(f"! {one.device.name}\n{one.text}")
            else:
                print_note(f"{one.device.name}: {one.fault.detail}")
    if any(one.fault is not None for one in rendered):
        raise typer.Exit(1)


@app.command()
def delete(instance: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Remove a stack instance that no task deploys; its devices stay as they are.

    \b
    Example:
      netstacks instance delete retired --yes
    """
    from netstacks_tasks.cli.removal import remove

    remove("stack instance", instance, yes=yes, as_json=as_json)
