"""Who changed or ran what."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.audit_changes import changes_of
from netstacks_tasks.store import audit
from netstacks_tasks.store.audit import AuditSearch
from netstacks_tasks.web.rendering import page
from netstacks_tasks.web.sessions import Admin

router = APIRouter()

_PAGE: Final = 100
_KINDS: Final = (
    *("task", "run", "device", "device group", "device group member", "site", "host key"),
    *("credential", "script", "stack", "stack version", "stack instance", "user", "token"),
)


@router.get("/audit")
async def audit_log(
    request: Request,
    _: Admin,
    actor: str = "",
    kind: str = "",
    object_id: UUID | None = None,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Response:
    """A page of the log, the latest first."""
    chosen = {"actor": actor.strip(), "kind": kind, "object_id": object_id}
    only: dict[str, object] = {name: value for name, value in chosen.items() if value}
    wanted = AuditSearch(
        actor=actor.strip() or None,
        kind=kind or None,
        object_id=object_id,
        before=before,
        limit=_PAGE + 1,
    )
    found = await audit.find(netstacks(request).db, wanted)
    shown = found[:_PAGE]
    return page(
        request,
        "audit_log.html",
        entries=[(one, changes_of(one)) for one in shown],
        chosen=chosen,
        kinds=_KINDS if kind in {"", *_KINDS} else (*_KINDS, kind),
        newest=None if before is None else _address(only),
        older=_address({**only, "before": shown[-1].id}) if len(found) > _PAGE else None,
    )


def _address(query: dict[str, object]) -> str:
    return f"/audit?{urlencode(query)}" if query else "/audit"
