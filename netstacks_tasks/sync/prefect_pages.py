"""Where Prefect's own page shows something."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from prefect.utilities.urls import url_for


def page_of(kind: Literal["flow-run", "deployment"], object_id: UUID) -> str | None:
    """Its address, by Prefect's own setting of its page; None: Prefect knows none."""
    return url_for(kind, obj_id=object_id)
