"""A log read a piece at a time, from something that keeps it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from netstacks_tasks.errors import NotFound, SyncError
from netstacks_tasks.models.ids import RunId
from netstacks_tasks.models.log_line import LogLine
from netstacks_tasks.models.runs import TaskRun
from netstacks_tasks.web import run_log
from netstacks_tasks.web.run_log import PIECE, Cursor

BEGAN = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


class Kept:
    """Lines in memory, given out as Prefect does."""

    def __init__(self, count: int = 0, error: Exception | None = None) -> None:
        # Ten lines of each moment.
        self.lines = [
            LogLine(at=BEGAN + timedelta(seconds=n // 10), level="INFO", message=f"line {n}")
            for n in range(count)
        ]
        self.error = error

    async def logs(
        self, run_id: RunId, *, after: datetime | None = None, limit: int = 200, offset: int = 0
    ) -> list[LogLine]:
        assert run_id == run(over=True).id
        if self.error:
            raise self.error
        found = [one for one in self.lines if after is None or one.at > after]
        return found[offset : offset + limit]


def run(*, over: bool) -> TaskRun:
    return TaskRun(
        id=RunId(UUID(int=1)),
        task_id=None,
        task_name="Backup",
        task_type="backup",
        trigger="schedule",
        state="completed" if over else "running",
        scheduled_for=BEGAN,
        ended_at=BEGAN + timedelta(minutes=1) if over else None,
    )


async def test_every_line_is_shown_once() -> None:
    source, cursor, shown = Kept(PIECE * 2 + 5), Cursor(), list[str]()
    while True:
        piece = await run_log.read(source, run(over=False), cursor)
        shown += [line.message for line in piece.lines]
        # As an address carries it.
        query = dict(pair.split("=") for pair in piece.next.query.split("&"))
        cursor = Cursor.of(query["after"].replace("%3A", ":").replace("%2B", "+"), query["skip"])
        assert cursor == piece.next
        if not piece.more:
            break
    assert shown == [line.message for line in source.lines]
    assert piece.live
    assert (await run_log.read(source, run(over=False), cursor)).lines == []
    source.lines.append(LogLine(at=BEGAN + timedelta(hours=1), level="ERROR", message="late"))
    assert [
        line.message for line in (await run_log.read(source, run(over=False), cursor)).lines
    ] == ["late"]


async def test_trouble_is_told() -> None:
    refused = await run_log.read(Kept(error=SyncError("no answer")), run(over=True), Cursor())
    assert (refused.trouble, refused.live) == ("no answer", False)
    gone = await run_log.read(Kept(error=NotFound("run", 1)), run(over=True), Cursor())
    assert gone.trouble == "gone"
    assert Cursor.of("2026-11-25T02:00:00", "1") == Cursor.of("never", "x") == Cursor()
    whole = [part async for part in run_log.as_text(Kept(PIECE + 1), run(over=True))]
    assert "".join(whole).count("\n") == PIECE + 1
