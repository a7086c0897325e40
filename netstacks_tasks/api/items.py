"""What the routes of the inventory have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Path, Request, Response
from pydantic import AfterValidator, BaseModel

from netstacks_tasks.api.etags import etag_of, relies_on
from netstacks_tasks.errors import EditedMeanwhile
from netstacks_tasks.store.inventory_items import Item, kind_of

T = TypeVar("T", bound=BaseModel)


def _check_key(key: str) -> str:
    if "\x00" in key:
        raise ValueError("must not hold a NUL: remove it")
    return key


Key = Annotated[
    str, Path(description="Its id or its name.", examples=["core"]), AfterValidator(_check_key)
]


def unedited(seen: str | None) -> Callable[[Item], None]:
    """A check that an item is still what `If-Match` relies on."""

    def check(item: Item) -> None:
        if not relies_on(seen, etag_of(item)):
            raise EditedMeanwhile.of(kind_of(item), item.name)

    return check


def tagged(response: Response, state: T) -> T:
    """Tell the ETag of what is shown."""
    response.headers["ETag"] = etag_of(state)
    return state


def located(request: Request, response: Response, route: str, **key: str) -> None:
    """Tell where something new is found."""
    response.headers["Location"] = request.url_for(route, **key).path
