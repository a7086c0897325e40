"""What a schedule means, before there is a task."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import Field

from netstacks_tasks.api.callers import Viewer
from netstacks_tasks.models import schedule_preview
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.schedule_preview import SchedulePreview

router: Final = APIRouter(tags=["preview"])


class PreviewQuery(Value):
    """Of which schedule."""

    cron_expression: str = Field(
        max_length=200, description="Five fields or an alias.", examples=["0 2 * * 1-5"]
    )
    timezone: str = Field(
        default="UTC", max_length=100, description="IANA name.", examples=["America/New_York"]
    )
    count: int = Field(default=5, ge=1, le=50, description="How many times.")


@router.get("/preview", summary="Preview a schedule", operation_id="previewSchedule")
async def preview_schedule(_: Viewer, of: Annotated[PreviewQuery, Query()]) -> SchedulePreview:
    """In words, and as its next times on the zone's clock and in UTC."""
    # Fifty leap days take a second: others need not wait for them.
    return await asyncio.to_thread(
        schedule_preview.preview, of.cron_expression, of.timezone, of.count
    )
