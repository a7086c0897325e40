"""Commands on devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.output import (
    AsJson,
    print_fields,
    print_json,
    print_table,
    print_text,
)
from netstacks_tasks.cli.questions import Yes, confirm
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.models.inventory import Device, HostKey
    from netstacks_tasks.store.device_origins import Origin
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Look at devices and their SSH host keys.")

Name = Annotated[str, typer.Argument(metavar="DEVICE", help="Its name or id.")]
_SECONDS = 15.0


@app.command("list")
def list_devices(
    group: Annotated[str | None, typer.Option(help="Only of this group, by name or id.")] = None,
    platform: Annotated[str | None, typer.Option(help="Only of this platform, e.g. ios.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the inventory's devices.

    \b
    Examples:
      netstacks device list
      netstacks device list --group core-routers --json
    """

    async def work(netstacks: NetStacks) -> list[Device]:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import DeviceGroup

        if group is None:
            return await inventory.devices(netstacks.db)
        chosen = await inventory.get(netstacks.db, DeviceGroup, group)
        return await inventory.devices(netstacks.db, group_id=chosen.id)

    found = [one for one in run(work) if platform in {None, one.platform}]
    if as_json:
        print_json(found)
        return
    rows = [
        (one.name, one.host, one.port, one.platform, one.site, one.groups, one.id) for one in found
    ]
    columns = ("NAME", "HOST", "PORT", "PLATFORM", "SITE", "GROUPS", "ID")
    print_table(columns, rows, "No devices. Import some with `netstacks import FILE`.")


@app.command()
def show(device: Name, as_json: AsJson = False) -> None:
    """Show a device, the host keys trusted for it, and the system it came from.

    \b
    Example:
      netstacks device show core-rtr-01
    """

    async def work(netstacks: NetStacks) -> tuple[Device, tuple[HostKey, ...], Origin | None]:
        from netstacks_tasks.store import device_origins

        found, keys = await _with_keys(netstacks, device)
        async with netstacks.db.connection() as connection:
            return found, keys, await device_origins.of_device(connection, found.id)

    found, keys, origin = run(work)
    document = found.model_dump(mode="json")
    came = None if origin is None else origin.model_dump(mode="json", exclude={"device_id"})
    if as_json:
        print_json({**document, "host_keys": keys, "origin": came})
    else:
        trusted = [f"{key.algorithm} {key.fingerprint}" for key in keys]
        print_fields({**document, "host_keys": trusted, "origin": came})


@app.command()
def trust(
    device: Name,
    fingerprint: Annotated[
        str | None,
        typer.Option(help="Accept only this key (SHA256:...), as told by whoever runs the device."),
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Accept the host key that a device shows now in place of the one trusted before.

    For a device that was replaced or reinstalled. Compare the fingerprint with
    what the device's own console says: someone may be in between.

    \b
    Examples:
      netstacks device trust core-rtr-01
      netstacks device trust core-rtr-01 --fingerprint SHA256:3xs...
    """

    async def look(netstacks: NetStacks) -> tuple[HostKey, tuple[HostKey, ...]]:
        from netstacks_tasks.devices.host_key import offered_key

        found, before = await _with_keys(netstacks, device)
        return await offered_key(found, timeout=_SECONDS), before

    async def accept(netstacks: NetStacks) -> None:
        from netstacks_tasks.store.host_keys import StoredHostKeys

        found, _ = await _with_keys(netstacks, device)
        keys = StoredHostKeys(netstacks.db)
        await keys.forget(found.id)
        await keys.trust(found.id, offered)

    offered, before = run(look)
    if fingerprint is not None:
        _compare(device, offered, fingerprint)
    else:
        known = ", ".join(key.fingerprint for key in before) or "none"
        question = f"{device} shows {offered.fingerprint} (trusted: {known}). Trust it?"
        confirm(question, yes=yes)
    run(accept)
    if as_json:
        print_json(offered)
    else:
        print_text(f"Trusted {offered.algorithm} {offered.fingerprint}.")


def _compare(device: str, offered: HostKey, fingerprint: str) -> None:
    from netstacks_tasks.errors import InvalidInput

    if offered.fingerprint != fingerprint:
        raise InvalidInput.single(
            "--fingerprint",
            f"{device} shows {offered.fingerprint}, not {fingerprint}: nothing was changed",
        )


@app.command("forget-key")
def forget_key(device: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Trust whatever key the device shows next; `trust` is safer.

    \b
    Example:
      netstacks device forget-key core-rtr-01 --yes
    """

    async def work(netstacks: NetStacks) -> int:
        from netstacks_tasks.store.host_keys import StoredHostKeys

        found, _ = await _with_keys(netstacks, device)
        return await StoredHostKeys(netstacks.db).forget(found.id)

    confirm(f"Trust whatever key {device} shows next?", yes=yes)
    count = run(work)
    if as_json:
        print_json({"forgotten": count})
    else:
        print_text(f"Forgot {count} host {'key' if count == 1 else 'keys'} of {device}.")


@app.command()
def delete(device: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Remove a device that no task needs; its history and configurations stay.

    \b
    Example:
      netstacks device delete core-rtr-01 --yes
    """
    from netstacks_tasks.cli.removal import remove

    remove("device", device, yes=yes, as_json=as_json)


async def _with_keys(netstacks: NetStacks, key: str) -> tuple[Device, tuple[HostKey, ...]]:
    from netstacks_tasks.models.inventory import Device
    from netstacks_tasks.store import inventory
    from netstacks_tasks.store.host_keys import StoredHostKeys

    device = await inventory.get(netstacks.db, Device, key)
    return device, await StoredHostKeys(netstacks.db).known(device.id)
