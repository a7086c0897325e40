"""Tells Prefect of runs whose process died, and what was done about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from netstacks_tasks.store.database import Database
from netstacks_tasks.sync import task_rows
from netstacks_tasks.sync.desired import installation_tag
from netstacks_tasks.sync.events import MENDED, emit, event_of
from netstacks_tasks.sync.flow_runs import SeenRun
from netstacks_tasks.sync.janitor import Verdict

_DONE: Final[dict[Verdict, str]] = {
    "alive": "its process lives.",
    "retry": "its process died, and it is tried again.",
    "resume": "its process died between two attempts, and the next one comes.",
    "crash": "its process died, and no attempt is left.",
    "cancel": "its process died while it was cancelled.",
    "resubmit": "the worker that took it never started it, and it is queued again.",
}


async def tell_mended(db: Database, acted: Sequence[tuple[SeenRun, Verdict]]) -> None:
    """One event for each run that was acted on.

    Raises:
        StoreUnavailable: PostgreSQL does not answer.
    """
    if not acted:
        return
    rows = await task_rows.by_id(db, [run.task_id for run, _ in acted])
    tasks = {row.id: row for row in rows}
    tags = [installation_tag(await task_rows.installation(db))]
    await emit(
        *(
            event_of(
                MENDED,
                run.task_id,
                task_name=task.name if (task := tasks.get(run.task_id)) else None,
                run_id=run.id,
                deployment_id=task.deployment_id if task else None,
                tags=tags,
                payload={"told": _DONE[decision], "verdict": decision},
            )
            for run, decision in acted
        )
    )
