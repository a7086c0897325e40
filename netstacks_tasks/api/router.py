"""Every route of the API."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from netstacks_tasks.api.paths import API_PATH
from netstacks_tasks.api.routes import (
    audit,
    credentials,
    devices,
    groups,
    imports,
    preview,
    runs,
    scripts,
    snapshots,
    stack_instances,
    stacks,
    task_actions,
    tasks,
    tokens,
    users,
)

__all__ = ["API_PATH", "api"]

# One module of `routes` for each kind of thing; each has a `router` with paths of its own.
_ROUTERS: Final[tuple[APIRouter, ...]] = (
    tasks.router,
    task_actions.router,
    preview.router,
    runs.router,
    snapshots.router,
    devices.router,
    groups.router,
    scripts.router,
    stacks.router,
    stack_instances.router,
    imports.router,
    credentials.router,
    users.router,
    tokens.router,
    audit.router,
)


def api() -> APIRouter:
    """All of them, under no prefix of their own."""
    together = APIRouter()
    for router in _ROUTERS:
        together.include_router(router)
    return together
