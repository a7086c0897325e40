"""What the page's server tells programs that watch it.

Whether it lives and can work is told to anybody, in words that give nothing away; the
numbers to holders of a token. `NETSTACKS_METRICS_PORT` serves both without one.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from netstacks_tasks.api.callers import Viewer
from netstacks_tasks.exchange.state import shared
from netstacks_tasks.metrics.listener import alive

METRICS_PATH: Final = "/metrics"
HEALTH_PATHS: Final = ("/healthz", "/readyz")

router = APIRouter()


@router.get(METRICS_PATH)
async def metrics(request: Request, _: Viewer) -> Response:
    """The numbers, as Prometheus reads them."""
    return await shared(request).exposed.metrics()


@router.get("/healthz")
async def healthy() -> Response:
    """The process lives."""
    return await alive()


@router.get("/readyz")
async def ready(request: Request) -> Response:
    """Whether the database, its schema and Prefect serve."""
    return await shared(request).exposed.ready()
