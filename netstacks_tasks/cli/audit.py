"""`netstacks audit`: who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_table
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.models.access import AuditEntry
    from netstacks_tasks.wiring import NetStacks


def audit(
    actor: Annotated[
        str | None, typer.Option(help="Who: `user:anna`, `token:ci`, or `anna` for any of them.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="Of what: `task`, `device`, `credential`, `user`, ...")
    ] = None,
    object_id: Annotated[
        UUID | None, typer.Option("--object", metavar="ID", help="Of this task, device, ... only.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The latest so many.")] = 50,
    before: Annotated[
        int | None, typer.Option(min=1, metavar="ID", help="Only what is older than this entry.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show who changed or ran what, the latest first.

    Every change is here, whatever made it: the page, the API, these commands or
    a program in the database. Passwords and keys are not.

    \b
    Examples:
      netstacks audit --kind task --limit 20
      netstacks audit --actor anna
      netstacks audit --object a1b2c3d4-5678-9abc-def0-123456789abc --json
    """

    async def work(netstacks: NetStacks) -> list[AuditEntry]:
        from netstacks_tasks.store import audit as log
        from netstacks_tasks.store.audit import AuditSearch

        wanted = AuditSearch(
            actor=actor, kind=kind, object_id=object_id, before=before, limit=limit
        )
        return await log.find(netstacks.db, wanted)

    found = run(work)
    if as_json:
        print_json(found)
        return
    columns = ("ID", "TIME", "WHO", "DID", "WHAT", "CHANGES")
    print_table(columns, [_row(one) for one in found], "Nothing was recorded.")


def _row(entry: AuditEntry) -> tuple[object, ...]:
    from netstacks_tasks.models.audit_changes import changes_of

    who = f"{entry.actor} from {entry.address}" if entry.address else entry.actor
    what = f"{entry.kind} {entry.object_name or entry.object_id or ''}"
    changes = "; ".join(map(str, changes_of(entry)))
    return entry.id, entry.at, who, entry.action, what, changes
