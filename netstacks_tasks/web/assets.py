"""Scripts, styles and pictures, all of them shipped with the package."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER: Final = Path(__file__).parent / "static"
PATH: Final = "/static"
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@cache
def asset(name: str) -> str:
    """The address of a file in `static/`; another content has another address."""
    content = (FOLDER / name).read_bytes()
    return f"{PATH}/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


class Assets(StaticFiles):
    """Serves them; what is asked for by its content's address may be kept for ever.

    By that alone: a proxy between must not keep this version at the next one's address.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if scope["query_string"] == asset(path).partition("?")[2].encode():
            response.headers["Cache-Control"] = _FOR_EVER
        return response
