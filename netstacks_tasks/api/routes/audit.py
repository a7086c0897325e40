"""Who did what."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from netstacks_tasks.api.access_answers import AuditAnswer, AuditPage
from netstacks_tasks.api.callers import Admin
from netstacks_tasks.api.described import with_headers
from netstacks_tasks.api.parameters import Text, link
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.store import audit
from netstacks_tasks.store.audit import AuditSearch

router: Final = APIRouter(tags=["audit"])

_LARGEST: Final = 2**63 - 1


class AuditQuery(Value):
    """Which entries, a page of them."""

    actor: Text | None = Field(default=None, description="Only of this one, e.g. `user:anna`.")
    kind: Text | None = Field(default=None, description="Only of such things, e.g. `task`.")
    object_id: UUID | None = Field(default=None, description="Only of this thing.")
    limit: int = Field(default=100, ge=1, le=500, description="How many at most.")
    before: int | None = Field(
        default=None, ge=1, le=_LARGEST, description="Only older than the entry of this id."
    )


@router.get(
    "/audit",
    summary="Read the audit log",
    operation_id="listAudit",
    responses={200: with_headers("Link")},
)
async def list_audit(
    _: Admin, request: Request, response: Response, wanted: Annotated[AuditQuery, Query()]
) -> AuditPage:
    """Every change by whatever way, and what else was done, the latest first."""
    search = AuditSearch(
        actor=wanted.actor,
        kind=wanted.kind,
        object_id=wanted.object_id,
        before=wanted.before,
        limit=wanted.limit + 1,
    )
    found = await audit.find(netstacks(request).db, search)
    shown = found[: wanted.limit]
    more = shown[-1].id if len(found) > len(shown) else None
    link(request, response, {"next": None if more is None else {"before": more}})
    items = tuple(AuditAnswer.of(one) for one in shown)
    return AuditPage(items=items, limit=wanted.limit, next_before=more)
