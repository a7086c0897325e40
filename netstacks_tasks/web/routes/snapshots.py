"""Configurations that backups kept: devices, their versions, one version."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from netstacks_tasks.devices.normalise import clean
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.operations.config_files import file_name
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store import snapshot_search, snapshots
from netstacks_tasks.store.snapshots import Snapshot, StoredConfig
from netstacks_tasks.web.config_lines import visible_lines
from netstacks_tasks.web.rendering import page
from netstacks_tasks.web.seeing_secrets import Secrets, may_show
from netstacks_tasks.web.sessions import Viewer

router = APIRouter()

_PAGE: Final = 50
_MOST_LINES: Final = 50_000
"""A browser has trouble with more."""


@router.get("/snapshots")
async def configurations(
    request: Request,
    session: Viewer,
    device: str = "",
    text: str = "",
    after: str = "",
    destination: str = "",
    before: UUID | None = None,
) -> Response:
    """Devices that have versions, or the versions of one."""
    if device:
        return await _versions(request, device, destination, before)
    text = text.strip()
    db = netstacks(request).db
    found = await snapshot_search.devices(db, text, after=after, limit=_PAGE + 1)
    return page(
        request,
        "snapshot_devices.html",
        devices=found[:_PAGE],
        more=len(found) > _PAGE,
        text=text,
        after=after,
        may_run=session.principal.may("operator"),
    )


async def _versions(
    request: Request, device: str, destination: str, before: UUID | None
) -> Response:
    db = netstacks(request).db
    last = None if before is None else await snapshots.get(db, before)
    found = await snapshots.list_versions(
        db, device=device, destination=destination or None, limit=_PAGE + 1, before=last
    )
    versions = found[:_PAGE]
    return page(
        request,
        "snapshot_versions.html",
        device=device,
        destination=destination,
        versions=versions,
        chosen=_choice(versions),
        newest_page=before is None,
        more=len(found) > _PAGE,
        tasks=await _task_names(request, versions),
    )


def _choice(versions: list[Snapshot]) -> tuple[UUID | None, UUID | None]:
    """What the form proposes to compare: the latest change, else the two newest versions."""
    later: dict[tuple[str, str], Snapshot] = {}
    for one in versions:
        series = (one.destination, one.source)
        if series in later:
            return one.id, later[series].id
        later[series] = one
    newest, before = ([one.id for one in versions[:2]] + [None, None])[:2]
    return before, newest


async def _task_names(request: Request, versions: list[Snapshot]) -> dict[TaskId, str]:
    ids = {one.task_id for one in versions if one.task_id is not None}
    return await snapshot_search.task_names(netstacks(request).db, ids)


@router.get("/snapshots/{snapshot_id}")
async def configuration(
    request: Request, session: Viewer, snapshot_id: UUID, secrets: Secrets = "hidden"
) -> Response:
    """One version with its text."""
    db = netstacks(request).db
    stored = await snapshots.get(db, snapshot_id)
    show = await may_show(request, session, secrets, stored)
    # Long ones take a while, and others are served meanwhile.
    lines = (await asyncio.to_thread(visible_lines, stored, secrets=show)).shown
    previous, following = await snapshot_search.neighbours(db, snapshot_id)
    return page(
        request,
        "snapshot.html",
        version=stored,
        lines=lines[:_MOST_LINES],
        count=len(lines),
        previous=previous,
        following=following,
        tasks=await _task_names(request, [stored]),
        secrets=secrets,
        may_see_secrets=session.principal.may("operator"),
    )


@router.get("/snapshots/{snapshot_id}/download")
async def download(
    request: Request, session: Viewer, snapshot_id: UUID, secrets: Secrets = "hidden"
) -> Response:
    """One version as a file, with the lines that the comparison leaves out."""
    stored = await snapshots.get(netstacks(request).db, snapshot_id)
    if await may_show(request, session, secrets, stored):
        text = stored.content
    else:
        text = await asyncio.to_thread(Redactor().configuration, clean(stored.content))
    return attachment(text, f"{_stem(stored)}.cfg")


def attachment(text: str, name: str) -> Response:
    """A file to be kept."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return PlainTextResponse(text, headers=headers)


def _stem(stored: StoredConfig) -> str:
    time = f"{stored.captured_at:%Y%m%dT%H%M%SZ}"
    return f"{file_name(stored.device_name)}.{stored.source}.{time}"
