"""A client of one Prefect server, and its failures as errors of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.exceptions import PrefectException, PrefectHTTPStatusError
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_KEY
from pydantic import ValidationError

from netstacks_tasks.errors import SyncError, Unreachable

LOGIN_MEND: Final = (
    "set PREFECT_API_AUTH_STRING to the server's; the user who started it with `netstacks up` "
    "sees it with `netstacks env`"
)
_UNAUTHORIZED: Final = 401
_GONE: Final = (502, 503, 504)


class PrefectUnavailable(SyncError, Unreachable):
    """Prefect's server cannot be reached; the client's error is the `__cause__`."""


class PrefectLoginRefused(PrefectUnavailable):
    """Prefect's server asks for a login, and this process has none or another one."""

    def __init__(self, doing: str, given: bool) -> None:
        self.doing = doing
        self.given = given
        self.found = (
            "Prefect refuses the login it is given" if given else "Prefect asks for a login"
        )
        super().__init__(f"could not {doing}: {self.found}: {LOGIN_MEND}")

    def __reduce__(self) -> tuple[type[PrefectLoginRefused], tuple[str, bool]]:
        return type(self), (self.doing, self.given)


@asynccontextmanager
async def open_client(api_url: str) -> AsyncIterator[PrefectClient]:
    """An open client of the server behind `api_url`, with the login that the settings have."""
    client = PrefectClient(
        api_url, auth_string=PREFECT_API_AUTH_STRING.value(), api_key=PREFECT_API_KEY.value()
    )
    async with client:
        yield client


@asynccontextmanager
async def translated(doing: str, *, quoting: bool = True) -> AsyncIterator[None]:
    """Turn the client's errors into `PrefectUnavailable` or `SyncError`.

    Args:
        doing: what was tried.
        quoting: False leaves out what Prefect says: it repeats what was sent,
            secrets too.
    """
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise _refused(doing, error, quoting) from (error if quoting else None)
    except httpx.HTTPError as error:
        raise PrefectUnavailable(
            f"could not {doing}: no answer from Prefect ({type(error).__name__}); "
            "is its server running and PREFECT_API_URL right?"
        ) from error
    except (PrefectException, ValidationError) as error:
        if not quoting:
            raise SyncError(f"could not {doing}: {type(error).__name__}") from None
        raise SyncError(f"could not {doing}: {error}") from error


def _refused(doing: str, error: httpx.HTTPStatusError, quoting: bool) -> SyncError:
    status = error.response.status_code
    if status == _UNAUTHORIZED:
        return PrefectLoginRefused(doing, "Authorization" in error.request.headers)
    if status in _GONE:
        return PrefectUnavailable(f"could not {doing}: Prefect answers {status}")
    told = ""
    if quoting and isinstance(error, PrefectHTTPStatusError):
        told = f": {error.response.text[:500]}"
    return SyncError(f"could not {doing}: Prefect refused with {status}{told}")
