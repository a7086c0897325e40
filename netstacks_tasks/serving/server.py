"""The HTTP server: uvicorn, beside whatever else the process does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.metrics.listener import shown_beside
from netstacks_tasks.serving.application import application
from netstacks_tasks.serving.certificate import check_certificate
from netstacks_tasks.serving.listening import check_reach, hosts_of, listen
from netstacks_tasks.settings import Settings
from netstacks_tasks.wiring import NetStacks

_LINGER_SECONDS: Final = 5
"""What a request may still take when the server is told to end."""
_LOOK_SECONDS: Final = 0.02


class _Server(uvicorn.Server):
    """Signals are the business of whoever started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(settings: Settings, *, or_any_port: bool = False) -> AsyncIterator[str]:
    """Serve the page and the API inside the context; gives their address.

    Args:
        settings: where, and what they work on.
        or_any_port: take another port when theirs is taken.

    Raises:
        InvalidInput: the settings would open them to a network in the clear, or
            their certificate is of no use.
        ConfigurationError: the port is taken, or what they work on is not there.
        StoreUnavailable: the database does not answer.
    """
    check_reach(settings)
    check_certificate(settings)
    app = application(
        lambda: NetStacks.open(settings),
        hosts_of(settings),
        tls_only=settings.web_proxy is not None,
    )
    # What is wrong with the database is told as it is, not as a failure to start.
    async with NetStacks.open(settings):
        pass
    opened = listen(settings.web_host, settings.web_port, or_any_port=or_any_port)
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="on",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=settings.web_proxy is not None,
            forwarded_allow_ips=settings.web_proxy or "",
            ssl_certfile=settings.web_certificate,
            ssl_keyfile=settings.web_key,
            timeout_graceful_shutdown=_LINGER_SECONDS,
        )
    )
    with opened:
        running = asyncio.create_task(server.serve(sockets=[opened]))
        try:
            while not server.started:
                if running.done():
                    await running
                    raise ConfigurationError("the page did not start: its log says why")
                await asyncio.sleep(_LOOK_SECONDS)
            scheme = "http" if settings.web_certificate is None else "https"
            host, port = opened.getsockname()[:2]
            async with shown_beside(settings, app.state.shared.exposed):
                yield f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        finally:
            server.should_exit = True
            await running
