"""A list of runs in pages."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from netstacks_tasks.api.parameters import link
from netstacks_tasks.api.run_answers import RunPage, run_answer
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.exchange.state import netstacks
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.runs import TaskRun
from netstacks_tasks.store import runs
from netstacks_tasks.store.runs import HistoryKey
from netstacks_tasks.wiring import NetStacks


class RunPlace(Value):
    """A page of them."""

    limit: int = Field(default=50, ge=1, le=500, description="How many at most.")
    before: UUID | None = Field(
        default=None, description="The id of the last run of the page before."
    )

    async def key(self, of: NetStacks) -> HistoryKey | None:
        """Where the page before ended.

        Raises:
            InvalidInput: there is no such run.
        """
        if self.before is None:
            return None
        found = await runs.find(of.db, RunId(self.before))
        if found is None:
            raise InvalidInput.single("before", "there is no such run: begin with the first page")
        return HistoryKey.of(found)


def run_page(
    request: Request, response: Response, place: RunPlace, rows: Sequence[TaskRun]
) -> RunPage:
    """The page; `rows` is one longer when there is another page behind it."""
    of = netstacks(request)
    shown = rows[: place.limit]
    more = shown[-1].id if len(rows) > len(shown) else None
    following = None if more is None else {"before": str(more)}
    link(request, response, {"next": following})
    return RunPage(
        items=tuple(run_answer(run, of) for run in shown), limit=place.limit, next_before=more
    )
