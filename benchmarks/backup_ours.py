"""Our backup of the fleet, as its flow does it, without Prefect: a program of its own.

It prints its cost from after its imports to the last result.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from pydantic import SecretStr

from benchmarks.fleet.device import PASSWORD, USERNAME
from benchmarks.own_cost import own_cost, profiled
from flows._history import BlockCredentials, RunRecorder
from flows._progress import RunProgress
from flows._run import Outcome, Run
from flows._settings import SETTINGS
from flows.backup import back_up_to
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.models.inventory import DeviceCredential
from netstacks_tasks.models.schedule import timezones
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.ports import Progress
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store import inventory, runs, tasks
from netstacks_tasks.store.database import Database

_LOGIN = DeviceCredential(username=USERNAME, password=SecretStr(PASSWORD))
_TIMEOUT = 600


class _Quiet(RunProgress):
    async def advanced(self, progress: Progress) -> None:
        """Nothing is told: there is no Prefect to tell it to."""


async def _back_up(url: str, task_id: TaskId, root: Path) -> Outcome:
    async with Database.open(url, migrate=False) as db:
        task = await tasks.get(db, task_id)
        devices = await inventory.targets_of(db, task)
        run_id = RunId(uuid4())
        now = datetime.now(UTC)
        await runs.upsert_run(db, run_id, task.id, trigger="manual", scheduled_for=now)
        await runs.begin_attempt(db, run_id, 1)
        redactor = Redactor()
        redactor.learn(_LOGIN)
        # As after `preload`, which asks Prefect for a block per credential.
        found = {one.credential_id: _LOGIN for one in devices if one.credential_id is not None}
        deadline = Deadline.after(_TIMEOUT)
        run = Run(
            id=run_id,
            task=task,
            db=db,
            devices=devices,
            earlier=await runs.results(db, run_id),
            attempt=Attempt(
                number=1,
                deadline=deadline,
                settle_by=deadline,
                device_timeout=SETTINGS.device_timeout_seconds,
                limits=SETTINGS.limits,
            ),
            credentials=BlockCredentials(db, redactor, None, {**found}),
            redactor=redactor,
            recorder=RunRecorder(db, run_id),
            watcher=_Quiet(logging.getLogger(__name__)),
        )
        outcome = await back_up_to(root, run)
        await runs.end_attempt(db, run_id, 1, outcome="completed", error="")
        outcome.result.raise_on_error()
        return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", type=UUID)
    parser.add_argument("root", type=Path)
    parser.add_argument("--profile", type=Path, help="a file for the profile of the run")
    arguments = parser.parse_args()
    url = input()  # It holds a password.
    # As the worker's warm parent does before it forks.
    timezones()
    gc.collect()
    gc.freeze()
    with own_cost(), profiled(arguments.profile):
        asyncio.run(_back_up(url, TaskId(arguments.task), arguments.root))


if __name__ == "__main__":
    main()
