"""Behind a proxy that speaks TLS, nothing is answered in the clear."""

from __future__ import annotations

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from netstacks_tasks.serving.watching import HEALTH_PATHS

_REFUSAL: Final = (
    "NetStacks is reached over TLS here, by the proxy that NETSTACKS_WEB_PROXY names: ask there. "
    "If you did, that proxy has another address, or does not send X-Forwarded-Proto: https.\n"
)


class TlsOnly:
    """Refuses what did not come by the proxy, or not encrypted: a proxy set up wrongly shows."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        probed = scope.get("path") in HEALTH_PATHS  # by whoever runs it, beside the proxy
        if scope["type"] == "http" and scope["scheme"] != "https" and not probed:
            await PlainTextResponse(_REFUSAL, status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)
