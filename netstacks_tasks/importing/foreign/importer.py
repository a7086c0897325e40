"""Brings the inventory to what another system has: all of it, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import anyio.to_thread
from psycopg import Rollback

from netstacks_tasks.errors import InUse, InvalidInput, Problem
from netstacks_tasks.importing.foreign.found import NO_CHANGE, Choices, Found
from netstacks_tasks.importing.foreign.report import ForeignReport
from netstacks_tasks.importing.foreign.taking import Taking
from netstacks_tasks.importing.known import known_items
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import device_origins, inventory, inventory_changes
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.device_origins import Origin
from netstacks_tasks.store.inventory_items import Item

_TOLD: Final = 100
"""Devices that an error names: patch panels may be there by the thousand."""
logger = logging.getLogger(__name__)


async def import_found(db: Database, found: Found, choices: Choices) -> ForeignReport:
    """Take devices of another system, in one transaction.

    A device that came from there before is known by its id there, whatever its name is by
    now; any other by its name. What was made here of it (port, SNMP settings, options, groups,
    and the credential unless one is chosen) stays.

    Raises:
        InvalidInput: a device cannot be taken and is not to be left out, or something uses a
            device that is to be pruned; nothing was written.
        StoreUnavailable: PostgreSQL cannot be reached; nothing was written.
    """
    if not found.devices:
        raise InvalidInput(
            [
                Problem(
                    field="",
                    message="there is no device at all: is the filter right, and may the one "
                    "who asks see them?",
                    location=choices.source,
                )
            ]
        )
    async with db.transaction() as connection:
        await inventory_changes.lock(connection)
        report = await _taken(connection, found, choices)
        if choices.dry_run:
            raise Rollback  # everything was tried, and nothing stays
    logger.info("imported from %s: %s", choices.source, report, extra={"action": "imported"})
    return report


async def _taken(connection: Connection, found: Found, choices: Choices) -> ForeignReport:
    origins = await device_origins.of_source(connection, choices.source)
    by_key = {origin.key: origin for origin in origins}
    gone = await _gone(connection, found, origins, choices)
    if choices.prune:
        await _prune(connection, gone)
    registry = Registry()
    known = await known_items(connection, registry)
    _check_credentials(registry, choices)
    taking = Taking(known, registry, {key: by_key[key] for key in _alive(by_key, known)}, choices)
    await anyio.to_thread.run_sync(taking.take, found.devices)
    if taking.left_out and not choices.skip:
        raise InvalidInput(_refusals(taking, choices))
    await inventory_changes.put(connection, taking.changed)
    await device_origins.put(connection, taking.origins)
    if gone and choices.prune:
        await inventory_changes.refuse_emptied_groups(connection)
    names = [device.name for device in gone]
    return taking.report(
        deleted=names if choices.prune else [],
        gone=[] if choices.prune else names,
        notes=found.notes,
    )


def _alive(by_key: Mapping[str, Origin], known: Mapping[UUID, Item]) -> list[str]:
    """Not those of devices that were pruned just now."""
    return [key for key, origin in by_key.items() if origin.device_id in known]


async def _gone(
    connection: Connection, found: Found, origins: Sequence[Origin], choices: Choices
) -> list[Device]:
    """Devices that came from there by the same filters, and are there no more.

    A device that was made anew there, with the name of one before, is that one.
    """
    keys = {*(device.key for device in found.devices), *found.passed_over}
    known = {origin.key for origin in origins}
    names = {device.name for device in found.devices if device.key not in known}
    missing = {
        origin.device_id
        for origin in origins
        if origin.scope == choices.scope and origin.key not in keys
    }
    if not missing:
        return []
    devices = await inventory.read(connection, Device)
    return [one for one in devices if one.id in missing and one.name not in names]


async def _prune(connection: Connection, gone: Sequence[Device]) -> None:
    problems: list[Problem] = []
    await inventory_changes.hold_devices(connection, (device.id for device in gone))
    for device in gone:
        try:
            await inventory_changes.remove(connection, device)
        except InUse as error:
            problems += error.problems
    if problems:
        raise InUse(problems)


def _check_credentials(registry: Registry, choices: Choices) -> None:
    """Say of a wrong name once what would be said of every device."""
    wanted = {"--credential": [choices.credential] if choices.credential else []}
    wanted["--credential-for"] = [rule.credential for rule in choices.rules]
    problems = [
        Problem(field=option, message=f"there is no credential {name!r} in the inventory")
        for option, names in wanted.items()
        for name in dict.fromkeys(names)
        if registry.find("credentials", name) is None
    ]
    if problems:
        raise InvalidInput(problems)


def _refusals(taking: Taking, choices: Choices) -> list[Problem]:
    problems = [
        Problem(field="", message=f"device {one.name!r}: {reason}", location=one.place)
        for one in taking.left_out[:_TOLD]
        for reason in one.reasons
    ]
    if more := len(taking.left_out[_TOLD:]):
        message = f"and {more} more: --skip --dry-run --json tells all of them"
        problems.append(Problem(field="", message=message, location=choices.source))
    count = len(taking.left_out)
    summary = f"{count} {'device' if count == 1 else 'devices'} cannot be taken; {NO_CHANGE}"
    return [*problems, Problem(field="", message=summary, location=choices.source)]
