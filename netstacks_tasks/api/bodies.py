"""Reads JSON as it was sent: our own parsers say what is wrong with it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request

JSON: Final = "application/json"


async def _json_body(request: Request) -> bytes:
    said = request.headers.get("content-type", "")
    if said.partition(";")[0].strip().lower() != JSON:
        raise HTTPException(415, f"send JSON, with the header `Content-Type: {JSON}`")
    return await request.body()


JsonBody = Annotated[bytes, Depends(_json_body)]
