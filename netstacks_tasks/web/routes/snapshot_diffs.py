"""Two versions of configurations, compared."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from netstacks_tasks.exchange.config_lines import ConfigLines
from netstacks_tasks.exchange.shown_diff import unified
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.operations.config_files import file_name
from netstacks_tasks.store import snapshot_search, snapshots
from netstacks_tasks.store.snapshots import StoredConfig
from netstacks_tasks.web.config_lines import visible_lines
from netstacks_tasks.web.diffs import Fold, difference, unfolded
from netstacks_tasks.web.rendering import page
from netstacks_tasks.web.routes.snapshots import attachment
from netstacks_tasks.web.seeing_secrets import Secrets, may_show
from netstacks_tasks.web.sessions import Viewer

router = APIRouter()

View = Annotated[Literal["auto", "side", "unified"], Query()]
"""`auto`: side by side where there is room."""
Place = Annotated[int, Query(ge=0, le=10_000_000)]
_AT_ONCE: Final = 1000
"""Lines of a fold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    before: StoredConfig
    after: StoredConfig
    before_lines: ConfigLines
    after_lines: ConfigLines


@router.get("/snapshots/diff")
async def diff(
    request: Request,
    session: Viewer,
    after: UUID,
    before: UUID | None = None,
    view: View = "auto",
    lines: Literal["changed", "all"] = "changed",
    secrets: Secrets = "hidden",
) -> Response:
    """What changed from one version to another, by default from the one before."""
    if before is None:
        before, _ = await snapshot_search.neighbours(netstacks(request).db, after)
    if before is None:
        stored = await snapshots.get(netstacks(request).db, after)
        return page(request, "snapshot_first.html", version=stored)
    pair = await _pair(request, session, before, after, secrets)
    # Long ones take a while, and others are served meanwhile.
    found = await asyncio.to_thread(
        difference, pair.before_lines, pair.after_lines, fold=lines == "changed"
    )
    return page(
        request,
        "snapshot_diff.html",
        before=pair.before,
        after=pair.after,
        found=found,
        view=view,
        lines=lines,
        secrets=secrets,
        at_once=_AT_ONCE,
        may_see_secrets=session.principal.may("operator"),
    )


@router.get("/snapshots/diff/fold")
async def fold(
    request: Request,
    session: Viewer,
    after: UUID,
    before_start: Place,
    after_start: Place,
    count: Place,
    view: View = "auto",
    secrets: Secrets = "hidden",
) -> Response:
    """Unchanged lines that were folded, for htmx."""
    db = netstacks(request).db
    stored = await snapshots.get(db, after)
    show = await may_show(request, session, secrets, stored)
    lines = await asyncio.to_thread(visible_lines, stored, secrets=show)
    size = min(count, _AT_ONCE)
    rest = Fold(before_start + size, after_start + size, count - size)
    return page(
        request,
        "snapshot_fold.html",
        block=unfolded(lines, Fold(before_start, after_start, size)),
        rest=rest if rest.count else None,
        after=stored,
        view=view,
        secrets=secrets,
        at_once=_AT_ONCE,
    )


@router.get("/snapshots/diff/download")
async def download(
    request: Request, session: Viewer, after: UUID, before: UUID, secrets: Secrets = "hidden"
) -> Response:
    """The difference as a file that patch reads."""
    old, new = await _versions(request, session, before, after, secrets)
    found = await asyncio.to_thread(unified, old, new, secrets=secrets == "shown")
    return attachment(found.text, f"{file_name(new.device_name)}.diff")


async def _versions(
    request: Request, session: Viewer, before: UUID, after: UUID, secrets: str
) -> tuple[StoredConfig, StoredConfig]:
    db = netstacks(request).db
    old, new = await snapshots.get(db, before), await snapshots.get(db, after)
    await may_show(request, session, secrets, old, new)
    return old, new


async def _pair(
    request: Request, session: Viewer, before: UUID, after: UUID, secrets: str
) -> _Pair:
    old, new = await _versions(request, session, before, after, secrets)
    shown = secrets == "shown"
    old_lines, new_lines = await asyncio.to_thread(
        lambda: (visible_lines(old, secrets=shown), visible_lines(new, secrets=shown))
    )
    return _Pair(before=old, after=new, before_lines=old_lines, after_lines=new_lines)
