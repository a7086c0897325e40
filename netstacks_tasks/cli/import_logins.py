"""Saves logins that stood in an inventory's files as credentials, if that is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from netstacks_tasks.importing.foreign.found import Choices, Found, FoundDevice, Login, System
    from netstacks_tasks.importing.foreign.report import ForeignReport
    from netstacks_tasks.wiring import NetStacks

SaveLogins = Annotated[
    bool,
    typer.Option(
        "--credentials",
        help="Save logins of the file in Prefect blocks, as credentials named SYSTEM-USER.",
    ),
]


async def take(
    netstacks: NetStacks, system: System, found: Found, choices: Choices, *, save: bool
) -> ForeignReport:
    """Import devices with the logins that stood beside them.

    The secrets go to Prefect's blocks and nowhere else, and only once all else was found right.

    Raises:
        InvalidInput: as `import_found`, or a login is refused.
        SyncError: Prefect does not answer, or refuses.
    """
    from netstacks_tasks.importing.foreign.importer import import_found

    with_logins = [device for device in found.devices if device.login is not None]
    if not save:
        if with_logins:
            found = _noted(
                found,
                f"{len(with_logins)} devices have a password there, not kept: "
                "--credentials saves them in Prefect blocks",
            )
        return await import_found(netstacks.db, found, choices)
    tried = await import_found(netstacks.db, found, replace(choices, dry_run=True))
    taken = {*tried.created, *tried.updated, *tried.unchanged}
    names = _named(system, (one for one in with_logins if one.name in taken))
    if nameless := sum(not one.login.username for one in with_logins if one.login is not None):
        found = _noted(found, f"{nameless} devices have a password there and no user: not kept")
    if choices.dry_run:
        wanted = [f"would save the credential {name}" for name in names.values()]
        return replace(tried, notes=[*found.notes, *wanted])
    for login, name in names.items():
        await _save(netstacks, login, name)
        found = _noted(found, f"saved the credential {name}")
    return await import_found(netstacks.db, found, replace(choices, logins=names))


def _named(system: str, devices: Iterable[FoundDevice]) -> dict[Login, str]:
    """A name for each login: `nornir-admin`, and `nornir-admin-2` for another password."""
    names: dict[Login, str] = {}
    for device in devices:
        login = device.login
        if login is None or login in names or not login.username:
            continue
        before = sum(one.username == login.username for one in names)
        names[login] = f"{system}-{login.username}" + (f"-{before + 1}" if before else "")
    return names


async def _save(netstacks: NetStacks, login: Login, name: str) -> None:
    from netstacks_tasks.embedded.credentials import NewCredential, save_credential
    from netstacks_tasks.errors import InvalidInput, Problem

    new = NewCredential(name=name, fields=login.fields())
    try:
        await save_credential(netstacks.db, netstacks.endpoints, new)
    except InvalidInput as error:
        raise InvalidInput(
            [
                Problem(field=one.field, message=one.message, location=f"credential {name!r}")
                for one in error.problems
            ]
        ) from None


def _noted(found: Found, note: str) -> Found:
    return replace(found, notes=[*found.notes, note])
