"""Every route of the API."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

API_PATH: Final = "/api/v1"

# One module of `routes` for each kind of thing; each has a `router` with paths of its own.
_ROUTERS: Final[tuple[APIRouter, ...]] = ()


def api() -> APIRouter:
    """All of them, under no prefix of their own."""
    together = APIRouter()
    for router in _ROUTERS:
        together.include_router(router)
    return together
