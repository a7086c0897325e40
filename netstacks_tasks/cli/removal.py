"""Removes what nothing in the inventory needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netstacks_tasks.cli.output import print_json, print_text
from netstacks_tasks.cli.questions import confirm
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.store.inventory_items import Kind
    from netstacks_tasks.wiring import NetStacks


def remove(kind: Kind, key: str, *, yes: bool, as_json: bool) -> None:
    """Remove an item by its name or id, after asking.

    Raises:
        NotFound: there is none.
        InvalidInput: something uses it.
    """

    async def work(netstacks: NetStacks) -> None:
        from netstacks_tasks.store import inventory_changes
        from netstacks_tasks.store.inventory_items import KINDS

        await inventory_changes.delete(netstacks.db, KINDS[kind], key)

    confirm(f"Delete the {kind} {key!r}?", yes=yes)
    run(work)
    if as_json:
        print_json({"deleted": key, "kind": kind})
    else:
        print_text(f"Deleted the {kind} {key}.")
