"""Lists in pages that are counted, for what there are hundreds of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from fastapi import Request, Response
from pydantic import Field

from netstacks_tasks.api.parameters import LARGEST, link
from netstacks_tasks.models.inventory import Value

T = TypeVar("T")


class Place(Value):
    """Which page."""

    limit: int = Field(default=50, ge=1, le=500, description="How many at most.")
    offset: int = Field(default=0, ge=0, le=LARGEST, description="How many to leave out first.")

    def of(self, everything: Sequence[T]) -> Sequence[T]:
        """The page of a list that is whole."""
        return everything[self.offset : self.offset + self.limit]

    def link(self, request: Request, response: Response, total: int) -> None:
        """Tell the pages around this one."""
        after, before = self.offset + self.limit, max(self.offset - self.limit, 0)
        pages = {
            "next": {"offset": after} if after < total else None,
            "prev": {"offset": before} if self.offset else None,
        }
        link(request, response, pages)


class Page(Value):
    """A page of a list."""

    total: int = Field(description="How many match.")
    limit: int = Field(description="How many a page has at most.")
    offset: int = Field(description="How many were left out before these.")
