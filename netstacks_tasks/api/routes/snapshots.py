"""Configurations that backups kept."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import Field

from netstacks_tasks.api.callers import Viewer
from netstacks_tasks.api.described import with_headers
from netstacks_tasks.api.parameters import Text, link
from netstacks_tasks.api.schemas import schema_of
from netstacks_tasks.api.snapshot_answers import DiffAnswer, SnapshotAnswer, SnapshotPage
from netstacks_tasks.errors import InvalidInput, NotFound
from netstacks_tasks.exchange import shown_secrets
from netstacks_tasks.exchange.shown_diff import unified
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.access import Principal
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store import snapshots
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.snapshots import Snapshot

router: Final = APIRouter(tags=["snapshots"])

SnapshotKey = Annotated[
    UUID, Path(description="The version's id.", examples=["5f0c7b9e-3d1f-4c56-9a55-2b1c4a6d7e80"])
]
Secrets = Annotated[
    Literal["hidden", "shown"],
    Query(description="`shown` needs the role operator, and is written down in the audit log."),
]
Format = Annotated[
    Literal["text", "json"] | None,
    Query(description="Left out: JSON if the header Accept names it, else text."),
]
_TEXT: Final = {"text/plain": {"schema": {"type": "string"}}}
_DIFF: Final = {**_TEXT, "application/json": {"schema": schema_of(DiffAnswer)}}


class SnapshotQuery(Value):
    """Which versions, a page of them."""

    device: Text | None = Field(
        default=None, description="Only of this device, by its id or name; it may be gone."
    )
    destination: Text | None = Field(default=None, description="Only those kept there.")
    source: Literal["running", "startup"] | None = Field(
        default=None, description="Only this configuration."
    )
    limit: int = Field(default=50, ge=1, le=500, description="How many at most.")
    before: UUID | None = Field(
        default=None, description="The id of the last version of the page before."
    )


@router.get(
    "/snapshots",
    summary="List versions of configurations",
    operation_id="listSnapshots",
    responses={200: with_headers("Link")},
)
async def list_snapshots(
    _: Viewer, request: Request, response: Response, wanted: Annotated[SnapshotQuery, Query()]
) -> SnapshotPage:
    """The newest first. A device that did not change makes no new version."""
    of = netstacks(request)
    found = await of.snapshots(
        wanted.device,
        wanted.destination,
        wanted.source,
        wanted.limit + 1,
        await _place(of.db, wanted.before),
    )
    shown = found[: wanted.limit]
    more = shown[-1].id if len(found) > len(shown) else None
    link(request, response, {"next": None if more is None else {"before": str(more)}})
    items = tuple(SnapshotAnswer.of(one) for one in shown)
    return SnapshotPage(items=items, limit=wanted.limit, next_before=more)


@router.get(
    "/snapshots/{snapshot_id}",
    summary="Read a version of a configuration",
    operation_id="getSnapshot",
)
async def get_snapshot(_: Viewer, request: Request, snapshot_id: SnapshotKey) -> SnapshotAnswer:
    """What it is of and when it was captured; its text is under `content`."""
    return SnapshotAnswer.of(await netstacks(request).snapshot(snapshot_id))


@router.get(
    "/snapshots/{snapshot_id}/content",
    summary="Read a configuration",
    operation_id="getSnapshotContent",
    response_class=PlainTextResponse,
    responses={200: {"content": _TEXT}},
)
async def get_content(
    caller: Viewer, request: Request, snapshot_id: SnapshotKey, secrets: Secrets = "hidden"
) -> PlainTextResponse:
    """As the device printed it, with `<hidden>` for passwords, keys and communities."""
    of = netstacks(request)
    stored = await of.snapshot(snapshot_id)
    if await _may_show(of.db, caller, secrets, stored):
        return PlainTextResponse(stored.content)
    text = await anyio.to_thread.run_sync(Redactor().configuration, stored.content)
    return PlainTextResponse(text)


@router.get(
    "/snapshots/{snapshot_id}/diff",
    summary="Compare two versions",
    operation_id="diffSnapshots",
    response_class=PlainTextResponse,
    responses={200: {"content": _DIFF}},
)
async def get_diff(
    caller: Viewer,
    request: Request,
    snapshot_id: SnapshotKey,
    against: Annotated[
        UUID | None, Query(description="The older version; left out: the one before.")
    ] = None,
    secrets: Secrets = "hidden",
    format: Format = None,  # noqa: A002 - its name in the query
) -> Response:
    """A unified diff without volatile lines, and with `<hidden>` for secrets.

    A line that is removed and added with the same words has another secret now.
    """
    of = netstacks(request)
    after = await of.snapshot(snapshot_id)
    if against is None:
        previous = await snapshots.previous(of.db, after)
        if previous is None:
            raise NotFound("version before", snapshot_id)
        against = previous.id
    before = await of.snapshot(against)
    show = await _may_show(of.db, caller, secrets, before, after)
    found = await anyio.to_thread.run_sync(lambda: unified(before, after, secrets=show))
    accepted = request.headers.get("accept", "")
    if format == "text" or (format is None and "application/json" not in accepted):
        return PlainTextResponse(found.text)
    answer = DiffAnswer(
        before=SnapshotAnswer.of(before),
        after=SnapshotAnswer.of(after),
        added=found.added,
        removed=found.removed,
        diff=found.text,
    )
    return Response(answer.model_dump_json(), media_type="application/json")


async def _may_show(db: Database, caller: Principal, wanted: str, *versions: Snapshot) -> bool:
    if wanted == "hidden":
        return False
    await shown_secrets.permit(db, caller, versions)
    return True


async def _place(db: Database, before: UUID | None) -> Snapshot | None:
    if before is None:
        return None
    try:
        return await snapshots.get(db, before)
    except NotFound:
        raise InvalidInput.single(
            "before", "there is no such version: begin with the first page"
        ) from None
