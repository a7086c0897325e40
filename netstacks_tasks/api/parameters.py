"""Parameters that several routes have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Header, Path, Request, Response
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

LARGEST: Final = 2_147_483_647
_YEARS: Final = range(1970, 2200)


def _check_text(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not hold a NUL: remove it")
    return text


def _check_written(written: object) -> object:
    # pydantic takes bare numbers also, which are no times as the API writes them.
    if isinstance(written, str) and "T" not in written.upper():
        raise ValueError("must be a time such as 2026-07-01T12:00:00Z")
    return written


def _check_year(time: datetime) -> datetime:
    if time.year not in _YEARS:
        raise ValueError(f"must lie between the years {_YEARS[0]} and {_YEARS[-1]}")
    return time


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check_text)]
Moment = Annotated[AwareDatetime, BeforeValidator(_check_written), AfterValidator(_check_year)]
"""With its offset, for example `2026-07-01T12:00:00Z`."""

TaskKey = Annotated[
    str,
    Path(description="The task's id or its name.", examples=["Nightly Core Router Backup"]),
    AfterValidator(_check_text),
]
RunKey = Annotated[
    UUID, Path(description="The run's id.", examples=["0b9a3c55-7c1e-4a55-8f43-6d2f1e0c9a11"])
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Any text of yours, a new one for each request. The same request sent again "
        "with the same key within a day makes nothing new and is answered alike, with "
        "`Idempotency-Replayed: true`.",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        examples=["2f1c9f0e-6a52-4c0a-9d1a-7d1c1c2b5a10"],
    ),
]


def link(
    request: Request, response: Response, pages: Mapping[str, Mapping[str, object] | None]
) -> None:
    """Put other pages of the same list into the `Link` header, by their relation.

    Args:
        request: what was asked for.
        response: gets the header, if there are any.
        pages: the parameters that differ; None: there is no such page.
    """
    found = []
    for relation, changes in pages.items():
        if changes is not None:
            asked = [one for one in request.query_params.multi_items() if one[0] not in changes]
            query = urlencode([*asked, *changes.items()])
            # The path as it was written: a name in it may hold any character.
            found.append(f'<{quote(request.scope["path"])}?{query}>; rel="{relation}"')
    if found:
        response.headers["Link"] = ", ".join(found)
