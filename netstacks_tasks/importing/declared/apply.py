"""Makes the inventory and the tasks what files declare, or tells what that would change."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from netstacks_tasks.errors import EditedMeanwhile, InUse, InvalidInput, Problem
from netstacks_tasks.importing.declared.comparing import Comparison, compared
from netstacks_tasks.importing.declared.plan import Change, Plan
from netstacks_tasks.importing.declared.tasks import locked_task
from netstacks_tasks.importing.documents import refuse
from netstacks_tasks.importing.entries import Entries, name_fault
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.store import audit, inventory_changes, managed_items, tasks
from netstacks_tasks.store.audit import Deed
from netstacks_tasks.store.database import Connection, Database
from netstacks_tasks.store.inventory_items import Item

logger = logging.getLogger(__name__)

DEFAULT_OWNER: Final = "netstacks"
_MEANWHILE: Final = (
    "something was changed since the plan was made, by hand or by another apply; nothing was "
    "written: apply again, and look at the new plan"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOptions:
    """How files are applied."""

    owner: str = DEFAULT_OWNER
    """A label of the files: what they make is theirs."""
    prune: bool = False
    """Remove what earlier files of the owner made and these do not declare."""
    adopt: bool = False
    """What is there already, and declared, is theirs too from now on."""


async def make_plan(db: Database, entries: Entries, options: ApplyOptions) -> Plan:
    """What an apply would do; it is done, and undone, so that every fault is found.

    Raises:
        InvalidInput: with every fault, each with its file and line.
        StoreUnavailable: PostgreSQL does not answer.
    """
    found: list[Plan] = []
    with suppress(_Undone):
        async with db.transaction() as connection:
            found.append(await _Apply(connection, options).run(entries))
            raise _Undone
    return found[0]


async def apply_plan(db: Database, entries: Entries, options: ApplyOptions, shown: Plan) -> Plan:
    """Do what a plan says, all of it in one transaction or nothing.

    Args:
        db: where.
        entries: as for the plan.
        options: as for the plan.
        shown: the plan that somebody agreed to.

    Raises:
        EditedMeanwhile: by now it would do something else.
        InvalidInput: as for `make_plan`.
    """
    async with db.transaction() as connection:
        done = await _Apply(connection, options).run(entries)
        if done.digest() != shown.digest():
            raise EditedMeanwhile([Problem(field="", message=_MEANWHILE)])
        if done.pending:
            await audit.write(connection, _deed(done))
    logger.info("applied the files of %s", done.owner, extra={"action": "applied"})
    return done


def _deed(done: Plan) -> Deed:
    counts = {str(verb): number for verb, number in done.count().items() if verb != "unchanged"}
    return Deed(action="applied", kind="files", object_name=done.owner, details=counts)


class _Undone(Exception):
    """Ends a transaction without a trace."""


class _Apply:
    """One apply, within a transaction that holds off every other writer of the inventory."""

    def __init__(self, connection: Connection, options: ApplyOptions) -> None:
        self._connection = connection
        self._options = options

    async def run(self, entries: Entries) -> Plan:
        options = self._options
        if (fault := name_fault(options.owner)) is not None:
            raise InvalidInput.single("--owner", fault)
        await inventory_changes.lock(self._connection)
        found = await compared(self._connection, entries)
        refuse(found.problems)
        changes = found.changes(options.owner, adopt=options.adopt)
        refuse(found.problems)
        missing = found.missing(options.owner)
        removed = missing if options.prune else []
        await self._hold_devices(found, removed)
        # Tasks first: what they use may go then.
        await self._delete_tasks(found, removed)
        await self._put(found)
        new_tasks = await self._save_tasks(found)
        await self._delete_items(found, removed)
        await inventory_changes.refuse_emptied_groups(self._connection)
        noted = {"create", "update", "adopt"} if options.adopt else {"create"}
        mine = [
            (one.section, new_tasks[one.name] if one.section == "tasks" else one.id)
            for one in changes
            if one.verb in noted
        ]
        await managed_items.manage(self._connection, options.owner, mine)
        return Plan(
            owner=options.owner,
            changes=(*changes, *removed),
            left=() if options.prune else tuple((one.section, one.name) for one in missing),
        )

    async def _delete_tasks(self, found: Comparison, removed: Sequence[Change]) -> None:
        for one in removed:
            if one.section == "tasks":
                known = found.every_task[one.id]
                await tasks.remove(self._connection, await locked_task(self._connection, known))

    async def _hold_devices(self, found: Comparison, removed: Sequence[Change]) -> None:
        """Those that are written and those that go, all at once: see `hold_devices`."""
        touched = [
            *_changed(found),
            *(found.known[one.id] for one in removed if one.section != "tasks"),
        ]
        devices = [one.id for one in touched if isinstance(one, Device)]
        await inventory_changes.hold_devices(self._connection, devices)

    async def _put(self, found: Comparison) -> None:
        # A group may be empty until the tasks that use it are changed too: looked at in the end.
        with suppress(InUse):
            await inventory_changes.put(self._connection, _changed(found))

    async def _save_tasks(self, found: Comparison) -> dict[str, UUID]:
        """The ids of the tasks by name."""
        problems: list[Problem] = []
        ids: dict[str, UUID] = {}
        for task in found.tasks:
            if task.known is not None:
                ids[task.spec.name] = task.known.id
            if not task.changed:
                continue
            try:
                ids[task.spec.name] = await task.save(self._connection)
            except EditedMeanwhile:
                raise
            except InvalidInput as error:
                problems += error.problems
        refuse(problems)
        return ids

    async def _delete_items(self, found: Comparison, removed: Sequence[Change]) -> None:
        for one in removed:
            if one.section != "tasks":
                await inventory_changes.remove(self._connection, found.known[one.id])


def _changed(found: Comparison) -> list[Item]:
    return [item for _, item in found.items if item != found.known.get(item.id)]
