"""Every route of the API."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

API_PATH: Final = "/api/v1"


def api() -> APIRouter:
    """All of them, under no prefix of their own."""
    return APIRouter()
