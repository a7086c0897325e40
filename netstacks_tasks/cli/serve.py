"""`netstacks serve`: the page and the API, without anything else."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit, urlunsplit

import typer

from netstacks_tasks.cli.output import print_note, print_text
from netstacks_tasks.cli.session import log_to_stderr

if TYPE_CHECKING:
    from netstacks_tasks.settings import Settings


def serve(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on; NETSTACKS_WEB_HOST or 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="0 is any free one; NETSTACKS_WEB_PORT or 4280."),
    ] = None,
) -> None:
    """Serve the page and the REST API, until Ctrl-C.

    They work on NETSTACKS_DATABASE_URL and PREFECT_API_URL, or on what
    `netstacks up` runs here, which serves them itself. Beyond this machine they
    are served over TLS only: with NETSTACKS_WEB_CERTIFICATE and NETSTACKS_WEB_KEY
    (PEM files), or behind a proxy that speaks TLS and whose address NETSTACKS_WEB_PROXY
    tells. Start as many as you like; keep `netstacks sync --watch` running too.

    \b
    Examples:
      netstacks serve
      netstacks serve --host 0.0.0.0 --port 443
      NETSTACKS_WEB_PROXY=192.0.2.10 netstacks serve --host 192.0.2.20
    """
    import asyncio

    from netstacks_tasks.embedded.interruption import Interrupted, interruptible
    from netstacks_tasks.settings import load_settings

    settings = load_settings()
    given: dict[str, Any] = {"web_host": host, "web_port": port}
    settings = settings.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    log_to_stderr(settings.log_level, settings.log_format)
    try:
        asyncio.run(interruptible(_serve(settings), again=lambda: None, say=print_note))
    except Interrupted:
        return


async def _serve(settings: Settings) -> None:
    import asyncio

    from netstacks_tasks.serving.server import serving
    from netstacks_tasks.store import users
    from netstacks_tasks.wiring import NetStacks

    async with serving(settings) as url:
        at = reached_at(url)
        print_text(f"The page: {at}/")
        print_text(f"The API: {at}/api/v1, described by {at}/api/v1/openapi.json")
        if settings.web_proxy is not None:
            print_text(f"People reach it by the proxy at {settings.web_proxy}.")
        async with NetStacks.open(settings) as netstacks:
            if not any(one.role == "admin" for one in await users.find(netstacks.db)):
                print_note("Nobody can manage it yet: netstacks user add NAME --role admin")
        await asyncio.Event().wait()


def reached_at(url: str) -> str:
    """The address that a browser can use, where all addresses of this machine are listened on."""
    parts = urlsplit(url)
    if parts.hostname not in {"0.0.0.0", "::"}:  # noqa: S104 - told apart, not listened on
        return url
    return urlunsplit(parts._replace(netloc=f"{socket.gethostname()}:{parts.port}"))
