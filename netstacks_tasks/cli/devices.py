"""Commands on devices and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.output import AsJson, print_fields, print_json, print_table, print_text
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.models.inventory import Device, HostKey
    from netstacks_tasks.store.inventory_items import DeviceGroup
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Look at devices and their SSH host keys.")
groups = typer.Typer(no_args_is_help=True, help="Look at device groups.")

Name = Annotated[str, typer.Argument(metavar="DEVICE", help="Its name or id.")]


@app.command("list")
def list_devices(as_json: AsJson = False) -> None:
    """List the inventory's devices."""

    async def work(netstacks: NetStacks) -> list[Device]:
        from netstacks_tasks.store import inventory

        return await inventory.devices(netstacks.db)

    found = run(work, as_json=as_json)
    if as_json:
        print_json(found)
        return
    rows = [
        (one.name, one.host, one.port, one.platform, one.site, ", ".join(one.groups), one.id)
        for one in found
    ]
    columns = ("NAME", "HOST", "PORT", "PLATFORM", "SITE", "GROUPS", "ID")
    print_table(columns, rows, "No devices. Import some with `netstacks import FILE`.")


@app.command()
def show(device: Name, as_json: AsJson = False) -> None:
    """Show a device and the host keys trusted for it."""
    found, keys = run(lambda netstacks: _with_keys(netstacks, device), as_json=as_json)
    if as_json:
        print_json({**found.model_dump(mode="json"), "host_keys": keys})
        return
    print_fields(
        {
            **found.model_dump(mode="json"),
            "host_keys": ", ".join(f"{key.algorithm} {key.fingerprint}" for key in keys) or None,
        }
    )


@app.command()
def trust(
    device: Name,
    fingerprint: Annotated[
        str | None,
        typer.Option(help="Accept only this key (SHA256:...), as told by whoever runs the device."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Accept the host key that a device shows now in place of the one trusted before."""

    async def work(netstacks: NetStacks) -> HostKey:
        from netstacks_tasks.devices.host_key import offered_key
        from netstacks_tasks.errors import InvalidInput
        from netstacks_tasks.store.host_keys import StoredHostKeys

        found, before = await _with_keys(netstacks, device)
        offered = await offered_key(found, timeout=15)
        if fingerprint is not None and fingerprint != offered.fingerprint:
            raise InvalidInput.single(
                "fingerprint", f"{found.name} shows {offered.fingerprint}, not {fingerprint}"
            )
        if not yes and fingerprint is None:
            known = ", ".join(key.fingerprint for key in before) or "none"
            question = f"{found.name} shows {offered.fingerprint} (trusted: {known}). Trust it?"
            typer.confirm(question, abort=True, err=True)
        keys = StoredHostKeys(netstacks.db)
        await keys.forget(found.id)
        await keys.trust(found.id, offered)
        return offered

    key = run(work, as_json=as_json)
    if as_json:
        print_json(key)
    else:
        print_text(f"Trusted {key.algorithm} {key.fingerprint}.")


@app.command("forget-key")
def forget_key(device: Name, as_json: AsJson = False) -> None:
    """Trust whatever key the device shows next."""

    async def work(netstacks: NetStacks) -> int:
        from netstacks_tasks.store.host_keys import StoredHostKeys

        found, _ = await _with_keys(netstacks, device)
        return await StoredHostKeys(netstacks.db).forget(found.id)

    count = run(work, as_json=as_json)
    if as_json:
        print_json({"forgotten": count})
    else:
        print_text(f"Forgot {count} host keys of {device}.")


@groups.command("list")
def list_groups(as_json: AsJson = False) -> None:
    """List the inventory's device groups."""

    async def work(netstacks: NetStacks) -> list[tuple[DeviceGroup, int]]:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import DeviceGroup

        members = [name for one in await inventory.devices(netstacks.db) for name in one.groups]
        found = await inventory.find(netstacks.db, DeviceGroup)
        return [(group, members.count(group.name)) for group in found]

    counted = run(work, as_json=as_json)
    if as_json:
        print_json([{**group.model_dump(mode="json"), "devices": n} for group, n in counted])
        return
    rows = [(group.name, n, group.description, group.id) for group, n in counted]
    print_table(("NAME", "DEVICES", "DESCRIPTION", "ID"), rows, "No groups.")


async def _with_keys(netstacks: NetStacks, key: str) -> tuple[Device, tuple[HostKey, ...]]:
    from netstacks_tasks.models.inventory import Device
    from netstacks_tasks.store import inventory
    from netstacks_tasks.store.host_keys import StoredHostKeys

    device = await inventory.get(netstacks.db, Device, key)
    return device, await StoredHostKeys(netstacks.db).known(device.id)
