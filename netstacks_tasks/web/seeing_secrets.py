"""Whether a page shows the secrets of configurations."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request

from netstacks_tasks.access.sign_in import Session
from netstacks_tasks.exchange import shown_secrets
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.store.snapshots import Snapshot
from netstacks_tasks.web.sessions import check_origin

Secrets = Annotated[Literal["hidden", "shown"], Query()]


async def may_show(request: Request, session: Session, wanted: str, *versions: Snapshot) -> bool:
    """Whether they are wanted; who sees them is written down.

    Raises:
        RoleTooLow: they may not be seen.
        ForgedRequest: a link of another site leads there: nobody has asked for them.
    """
    if wanted == "hidden":
        return False
    check_origin(request)
    await shown_secrets.permit(netstacks(request).db, session.principal, versions)
    return True
