"""A process that holds a task's lock until it is killed: URL on stdin, ids as arguments."""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store.exclusion import TaskLock


async def main() -> None:
    url = sys.stdin.readline().strip()
    task_id, run_id = (UUID(text) for text in sys.argv[1:])
    async with TaskLock(url, TaskId(task_id), RunId(run_id)):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main())
