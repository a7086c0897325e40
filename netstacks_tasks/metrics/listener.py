"""`/metrics`, `/healthz` and `/readyz` on a port of their own, for machines of the same network.

They hold numbers and kinds, and no name, address or secret: no login is asked for.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.metrics.readiness import Readiness
from netstacks_tasks.settings import Settings

_LOOK_SECONDS: Final = 0.02
_LINGER_SECONDS: Final = 2


class Exposed:
    """What a process shows.

    Args:
        collectors: give the metrics.
        refresh: called before they are asked.
        readiness: what `/readyz` says.
    """

    def __init__(
        self,
        collectors: Iterable[Collector],
        readiness: Readiness,
        refresh: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        for collector in collectors:
            self._registry.register(collector)
        self._refresh = refresh
        self.readiness = readiness

    async def metrics(self) -> Response:
        """All of them, as Prometheus reads them."""
        if self._refresh is not None:
            await self._refresh()
        text = generate_latest(self._registry)
        return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    async def ready(self) -> Response:
        """Whether everything that is needed serves, and what does not."""
        status, told = await self.readiness.answer()
        return JSONResponse(told, status_code=status)


async def alive() -> Response:
    """The process lives, and its loop turns."""
    return PlainTextResponse("ok\n")


class _Server(uvicorn.Server):
    """Signals are the business of whoever started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def shown_beside(settings: Settings, exposed: Exposed) -> AsyncIterator[str | None]:
    """Serve them inside the context, if the settings say where; gives the address.

    Raises:
        ConfigurationError: the port is taken, or the address is not one of this machine.
    """
    if settings.metrics_port is None:
        yield None
        return
    with _listening(settings.metrics_host, settings.metrics_port) as opened:
        server = _Server(
            uvicorn.Config(
                _application(exposed),
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_LINGER_SECONDS,
            )
        )
        running = asyncio.create_task(server.serve(sockets=[opened]), name="metrics")
        try:
            while not server.started:
                if running.done():
                    raise ConfigurationError("the metrics are not served: the log says why")
                await asyncio.sleep(_LOOK_SECONDS)
            host, port = opened.getsockname()[:2]
            yield f"http://{f'[{host}]' if ':' in host else host}:{port}"
        finally:
            server.should_exit = True
            await asyncio.wait([running])


def check_port(settings: Settings) -> None:
    """Make sure that `shown_beside` can listen; raises `ConfigurationError`."""
    if settings.metrics_port is not None:
        _listening(settings.metrics_host, settings.metrics_port).close()


def _application(exposed: Exposed) -> Starlette:
    async def metrics(_: Request) -> Response:
        return await exposed.metrics()

    async def ready(_: Request) -> Response:
        return await exposed.ready()

    async def healthy(_: Request) -> Response:
        return await alive()

    return Starlette(
        routes=[
            Route("/metrics", metrics),
            Route("/healthz", healthy),
            Route("/readyz", ready),
        ]
    )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host} port {port} ({error.strerror}): set NETSTACKS_METRICS_HOST "
            "and NETSTACKS_METRICS_PORT to an address of this machine and a free port; each "
            "process needs a port of its own"
        ) from error
