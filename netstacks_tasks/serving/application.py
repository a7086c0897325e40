"""One ASGI application: the API under `/api/v1`, the page beside it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from netstacks_tasks.access.throttle import Throttle
from netstacks_tasks.api import refusals
from netstacks_tasks.api.body_limit import BodyLimit
from netstacks_tasks.api.openapi import description
from netstacks_tasks.api.router import API_PATH, api
from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.exchange.problems import MEDIA_TYPE, headers_of, problem_of
from netstacks_tasks.exchange.security_headers import SecurityHeaders
from netstacks_tasks.exchange.state import Shared
from netstacks_tasks.serving import watching
from netstacks_tasks.serving.tls_only import TlsOnly
from netstacks_tasks.sync.serving_parts import exposed
from netstacks_tasks.web import error_pages
from netstacks_tasks.web.site import add_site
from netstacks_tasks.wiring import NetStacks

logger = logging.getLogger(__name__)


class _Application(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = description(self)
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        # Around everything: what the framework itself answers, of a failure too, needs them most.
        return SecurityHeaders(super().build_middleware_stack())


def application(
    opened: Callable[[], AbstractAsyncContextManager[NetStacks]],
    hosts: Sequence[str] = ("*",),
    *,
    tls_only: bool = False,
) -> FastAPI:
    """Make it.

    Args:
        opened: opens what it works on, while it runs.
        hosts: what a request may call this server.
        tls_only: whether a proxy in front encrypts everything.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened() as netstacks:
            app.state.shared = Shared(
                netstacks=netstacks,
                throttle=Throttle(),
                exposed=exposed(netstacks.db, netstacks.endpoints.prefect_api_url),
            )
            yield

    # FastAPI's own pages about the API load their scripts from elsewhere.
    app = _Application(
        title="NetStacks Scheduled Tasks",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API_PATH}/openapi.json",
    )
    app.add_middleware(BodyLimit)
    if tls_only:
        app.add_middleware(TlsOnly)
    # A page elsewhere whose name was made to point here is not ours.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.include_router(api(), prefix=API_PATH)
    app.include_router(watching.router, include_in_schema=False)
    add_site(app)
    for error in (NetstacksError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(error, _answer)
    return app


async def _answer(request: Request, error: Exception) -> Response:
    if not isinstance(error, (NetstacksError, HTTPException, RequestValidationError)):
        logger.error("a request failed", exc_info=error, extra={"path": request.url.path})
    if not request.url.path.startswith(("/api/", watching.METRICS_PATH)):
        return error_pages.answer(request, error)
    if isinstance(error, HTTPException | RequestValidationError):
        return refusals.answer(request, error)
    problem = problem_of(error, request.url.path)
    return JSONResponse(
        problem.model_dump(),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers_of(error),
    )
