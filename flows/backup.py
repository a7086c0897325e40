"""The flow of backup tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State

from flows._blocks import load_config_root
from flows._history import StoredVersions
from flows._report import MOST_DIFF_CHARACTERS, Diff, bounded
from flows._run import Outcome, Run, run_task
from flows._settings import SETTINGS
from flows._task_flow import task_flow
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.devices.reading.readings import Readings
from netstacks_tasks.devices.sanity import check_config
from netstacks_tasks.models.parameters import BackupParameters
from netstacks_tasks.models.result import DeviceResult, TaskResult
from netstacks_tasks.operations.backup import BackupPorts, back_up
from netstacks_tasks.operations.config_files import ConfigFiles
from netstacks_tasks.operations.keeping import KeepingPorts
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store.host_keys import StoredHostKeys


@task_flow
async def backup(task_id: str) -> State[Any] | None:
    """Take the configurations of a task's devices and keep what changed."""
    return await run_task(task_id, _operate)


async def _operate(run: Run) -> Outcome:
    return await back_up_to(await load_config_root(), run)


async def back_up_to(root: Path, run: Run) -> Outcome:
    """Do the backup of a run; the newest configurations become files below `root`."""
    parameters = run.task.spec.parameters
    assert isinstance(parameters, BackupParameters)  # noqa: S101 - the type column says so

    def comparable(platform: str, text: str) -> str:
        # Of a key that changed, a diff may show lines without the ones that frame them.
        return run.redactor.private_keys(normalise(platform, text))

    hidden = run.redactor.configuration
    hide = SETTINGS.config_secrets == "hide"
    versions = StoredVersions(
        run.db,
        run.id,
        run.task.id,
        parameters.destination,
        run.attempt.number,
        comparable,
        kept=hidden if hide else None,
    )
    # Beside an encrypted history the files would be what an intruder takes.
    files = ConfigFiles(
        root, parameters.destination, hidden if hide or run.db.sealing.active else None
    )
    keys = StoredHostKeys(run.db)
    await keys.read_ahead([device.id for device in run.devices])
    readings = Readings(keys, devices=len(run.devices), processes=SETTINGS.reading_processes)
    async with DeviceAccess(keys, readings) as access:
        ports = BackupPorts(
            readers=access,
            credentials=run.credentials,
            keeping=KeepingPorts(
                versions=versions,
                files=files,
                check=check_config,
                normalise=normalise,
            ),
            recorder=run.recorder,
            watcher=run.watcher,
            redact=run.redactor,
        )
        results = await back_up(run.devices, run.earlier, ports, run.attempt)
    return Outcome(
        result=TaskResult(results=results), diffs=await diffs_of(versions, results, run.redactor)
    )


async def diffs_of(
    versions: StoredVersions, results: Sequence[DeviceResult], redactor: Redactor
) -> list[Diff]:
    """What changed; a text only where the report has room for it."""
    diffs = []
    left = MOST_DIFF_CHARACTERS
    for result, before, after in await versions.changed(results):
        text = ""
        if left > 0:
            text = redactor.configuration(await versions.difference(before, after))
            if not text:
                continue
            left -= len(bounded(text, left))
        diffs.append(Diff(device_name=result.device_name, source=result.item, text=text))
    return diffs
