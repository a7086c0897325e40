"""Whether an error says that Prefect's server was away, and nothing of a run."""

from __future__ import annotations

import httpx

_SERVER_ERROR = 500


def server_was_away(error: BaseException | None) -> bool:
    """Of a group of errors: whether each of them says so."""
    if isinstance(error, BaseExceptionGroup):
        return all(server_was_away(one) for one in error.exceptions)
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code >= _SERVER_ERROR
    return isinstance(error, httpx.TransportError)
