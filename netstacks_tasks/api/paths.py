"""Where the API is."""

from __future__ import annotations

from typing import Final

API_PATH: Final = "/api/v1"
