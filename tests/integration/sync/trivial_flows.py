"""A flow that does nothing but say that it lives; its first attempt may take long."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run


@flow(name="backup")
async def backup(task_id: str) -> None:
    folder = Path(os.environ["TRIVIAL_FLOW_FOLDER"])
    (folder / f"{flow_run.id}.new").write_text(str(os.getpid()))
    (folder / f"{flow_run.id}.new").rename(folder / str(flow_run.id))
    if flow_run.run_count == 1 and (folder / "hang").exists():
        await asyncio.sleep(600)
