"""A run's log, a piece at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlencode

from netstacks_tasks.errors import NetstacksError, NotFound
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.log_line import LogLine
from netstacks_tasks.models.runs import TaskRun
from netstacks_tasks.web.wording import visible

PIECE: Final = 200
_STRAGGLERS: Final = timedelta(seconds=10)
"""The last lines reach Prefect a little after the end of a run."""
_FURTHEST: Final = 10_000_000


class LogSource(Protocol):
    """What keeps the logs: `NetStacks`."""

    async def logs(
        self, run_id: RunId, *, after: datetime | None = None, limit: int = 200, offset: int = 0
    ) -> list[LogLine]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place in a log: `skip` lines behind those of a moment."""

    after: datetime | None = None
    skip: int = 0

    @classmethod
    def of(cls, after: str, skip: str) -> Cursor:
        """From an address; what is not understood is the beginning."""
        try:
            moment = datetime.fromisoformat(after) if after else None
        except ValueError:
            return cls()
        if moment is not None and moment.tzinfo is None:
            return cls()
        number = int(skip) if skip.isascii() and skip.isdigit() and len(skip) < 9 else 0
        return cls(after=moment, skip=min(number, _FURTHEST))

    @property
    def query(self) -> str:
        after = "" if self.after is None else self.after.isoformat()
        return urlencode({"after": after, "skip": self.skip})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some lines, and where it goes on."""

    lines: Sequence[LogLine]
    next: Cursor
    more: bool
    """There are more lines already."""
    live: bool
    """More may come."""
    trouble: str = ""
    """Why there are no lines."""
    first: bool = True


async def read(source: LogSource, run: TaskRun, cursor: Cursor) -> Piece:
    """The lines behind a place; trouble with Prefect is told, not raised."""
    live = run.ended_at is None or datetime.now(UTC) - run.ended_at < _STRAGGLERS
    first = cursor == Cursor()
    try:
        lines = await source.logs(run.id, after=cursor.after, limit=PIECE, offset=cursor.skip)
    except NotFound:
        # Its id is known to us first when it was started by hand.
        return Piece(lines=(), next=cursor, more=False, live=live, trouble="gone", first=first)
    except NetstacksError as error:
        trouble = str(error)
        return Piece(lines=(), next=cursor, more=False, live=live, trouble=trouble, first=first)
    if len(lines) == PIECE:
        # Lines of one moment may stand on both sides of the cut.
        following = Cursor(after=cursor.after, skip=cursor.skip + PIECE)
    else:
        following = Cursor(after=lines[-1].at) if lines else cursor
    return Piece(lines=lines, next=following, more=len(lines) == PIECE, live=live, first=first)


async def as_text(source: LogSource, run: TaskRun) -> AsyncIterator[str]:
    """All of it, for a file.

    Raises:
        NetstacksError: Prefect does not answer, or has no such run.
    """
    skip = 0
    while True:
        lines = await source.logs(run.id, limit=PIECE, offset=skip)
        yield "".join(f"{one.at.isoformat()} {one.level} {visible(one.message)}\n" for one in lines)
        if len(lines) < PIECE:
            return
        skip += PIECE
