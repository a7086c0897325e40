"""A client of one Prefect server, and its failures as errors of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.exceptions import PrefectException, PrefectHTTPStatusError
from pydantic import ValidationError

from netstacks_tasks.errors import SyncError, Unreachable

_GONE = (502, 503, 504)


class PrefectUnavailable(SyncError, Unreachable):
    """Prefect's server cannot be reached; the client's error is the `__cause__`."""


@asynccontextmanager
async def open_client(api_url: str) -> AsyncIterator[PrefectClient]:
    """An open client of the server behind `api_url`."""
    async with PrefectClient(api_url) as client:
        yield client


@asynccontextmanager
async def translated(doing: str) -> AsyncIterator[None]:
    """Turn the client's errors into `PrefectUnavailable` or `SyncError`."""
    try:
        yield
    except PrefectHTTPStatusError as error:
        status = error.response.status_code
        if status in _GONE:
            raise PrefectUnavailable(f"could not {doing}: Prefect answers {status}") from error
        text = error.response.text[:500]
        raise SyncError(f"could not {doing}: Prefect refused with {status}: {text}") from error
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise SyncError(f"could not {doing}: Prefect refused with {status}") from error
    except httpx.HTTPError as error:
        raise PrefectUnavailable(
            f"could not {doing}: no answer from Prefect ({type(error).__name__}); "
            "is its server running and PREFECT_API_URL right?"
        ) from error
    except (PrefectException, ValidationError) as error:
        raise SyncError(f"could not {doing}: {error}") from error
