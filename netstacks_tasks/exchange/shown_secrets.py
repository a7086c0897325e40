"""Secrets of a configuration are shown to those who may see them, and that is recorded."""

from __future__ import annotations

from collections.abc import Iterable

from netstacks_tasks.errors import RoleTooLow
from netstacks_tasks.models.access import Principal
from netstacks_tasks.store import audit
from netstacks_tasks.store.audit import Deed
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.snapshots import Snapshot


async def permit(db: Database, principal: Principal, versions: Iterable[Snapshot]) -> None:
    """Write down that somebody sees the secrets of some versions.

    Raises:
        RoleTooLow: they may not.
    """
    if not principal.may("operator"):
        raise RoleTooLow(principal.role, "operator")
    for version in versions:
        deed = Deed(
            action="saw secrets",
            kind="snapshot",
            object_id=version.id,
            object_name=version.device_name,
        )
        await audit.record(db, deed, actor=principal.actor)
