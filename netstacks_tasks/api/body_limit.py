"""How much a request may send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from netstacks_tasks.api.paths import API_PATH

_MIB: Final = 1024 * 1024
LIMIT: Final = 2 * _MIB
_LARGER: Final[Mapping[str, int]] = {f"{API_PATH}/import": 16 * _MIB}


class BodyLimit:
    """Refuses what is larger, before it is read when the request says its size."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = _LARGER.get(scope["path"], LIMIT)
        # What it says is digits: the server has refused everything else.
        announced = int(Headers(scope=scope).get("content-length", "0"))
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            if announced <= most:
                message = await receive()
                seen += len(message.get("body", b""))
                if seen <= most:
                    return message
            # Raised where the body is read, so that it is answered like any other error.
            raise HTTPException(413, f"a request may send {most // _MIB} MiB at most: send less")

        await self._app(scope, limited, send)
