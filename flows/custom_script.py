"""The flow of script tasks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.settings import get_current_settings

from flows._blocks import load_config_root
from flows._run import Outcome, Run, run_task
from flows._script_report import ScriptStory, script_report
from flows._task_flow import task_flow
from netstacks_tasks.embedded.page_login import password_file
from netstacks_tasks.embedded.prefect_login import login_file
from netstacks_tasks.errors import InvalidInput, RunFailed
from netstacks_tasks.models.first_line import contradicts
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.parameters import CustomScriptParameters
from netstacks_tasks.models.result import DeviceResult, TaskResult
from netstacks_tasks.operations.ledger import Ledger
from netstacks_tasks.operations.script.artifacts import keep_artifacts
from netstacks_tasks.operations.script.documents import (
    credential_document,
    devices_document,
    known_hosts_document,
    script_text,
)
from netstacks_tasks.operations.script.isolation import interpreter_for, is_own, isolation_for
from netstacks_tasks.operations.script.limits import ScriptLimits
from netstacks_tasks.operations.script.output import Stream
from netstacks_tasks.operations.script.reports import DeviceReports, done_reports
from netstacks_tasks.operations.script.runner import ScriptEnd, run_script
from netstacks_tasks.operations.script.workspace import Workspace, workspace
from netstacks_tasks.settings import load_settings
from netstacks_tasks.store import inventory
from netstacks_tasks.store.host_keys import StoredHostKeys
from netstacks_tasks.store.inventory_items import Script

Logger = logging.Logger | logging.LoggerAdapter[Any]

ARTIFACTS = "script-artifacts"
"""Below the root of the config store: run, attempt, file."""
_MOST_LOGGED = 2000
"""Lines in the run's log; the last ones are in its report in any case."""
_LAST_WORDS = 20
"""Lines of stderr in the reason of a failed run."""
_LOOK_SECONDS = 1.0
"""Between two looks at what the script reports of its devices."""


@task_flow
async def custom_script(task_id: str) -> State[Any] | None:
    """Run a task's script with its devices, and nothing else of the worker's."""
    return await run_task(task_id, _operate)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What one attempt is to run."""

    parameters: CustomScriptParameters
    interpreter: str
    text: str
    devices: Sequence[Device]
    """Those that are not done yet."""
    carried: Sequence[DeviceResult]
    """What an earlier attempt reported to be in order."""


async def _operate(run: Run) -> Outcome:
    job = await _job(run)
    root = await load_config_root()
    destination = root / ARTIFACTS / str(run.id) / str(run.attempt.number)
    isolation = isolation_for(run.id, hidden=[root, *_own_places()])
    program = interpreter_for(job.interpreter, isolation)
    logger = get_run_logger()
    logger.info("isolation: %s", isolation)
    others = "" if job.interpreter == "bash" or is_own(program) else _OTHERS
    logger.info("interpreter: %s%s", program, others)
    ledger = Ledger(
        run.recorder,
        run.watcher,
        devices=len(run.devices),
        redact=run.redactor,
        carried=job.carried,
    )
    with workspace(isolation.uid) as place:
        script = await _fill(place, job, run)
        reports = DeviceReports(place, run.devices, run.attempt.number, run.redactor)
        async with _followed(reports, ledger):
            end = await run_script(
                [program, str(script), *job.parameters.arguments],
                place,
                isolation,
                seconds=run.attempt.deadline.left,
                said=_Log(logger).said,
                redact=run.redactor,
                credential=place.credential.exists(),
                limits=ScriptLimits.of(job.parameters),
            )
        artifacts = await asyncio.to_thread(keep_artifacts, place, destination, run.redactor)
    await ledger.settle(run.attempt.settle_by)
    story = ScriptStory(
        end=end,
        isolation=str(isolation),
        artifacts=artifacts,
        destination=destination,
        results=_results(job.carried, reports),
        silent=_silent(run.devices, job.carried, reports),
        faults=reports.faults,
    )
    for warning in story.warnings:
        logger.warning("%s", warning)
    return _outcome(f"{run.task.spec.name}, attempt {run.attempt.number}", story)


def _own_places() -> list[Path]:
    """Prefect's folder, the one that holds it where a login lies beside it, and the page's key."""
    home = get_current_settings().home
    logins = (login_file(home.parent), password_file(home.parent))
    key = load_settings().web_key
    return [
        home,
        *([home.parent] if any(one.exists() for one in logins) else []),
        *([key] if key is not None else []),
    ]


_OTHERS = " (not the worker's own, which the script's user may not start: other packages)"


async def _job(run: Run) -> _Job:
    parameters = run.task.spec.parameters
    assert isinstance(parameters, CustomScriptParameters)  # noqa: S101 - the type column says so
    if parameters.script is not None:
        interpreter: str = parameters.interpreter
        text = parameters.script
    else:
        assert parameters.script_id is not None  # noqa: S101 - one of the two is given
        # Read anew by every attempt: it may have been mended meanwhile.
        stored = await inventory.get(run.db, Script, parameters.script_id)
        interpreter, text = stored.interpreter, stored.body
        contradictory = contradicts(text, interpreter)
        if contradictory:
            raise InvalidInput.single(f"the script {stored.name!r}: interpreter", contradictory)
    carried = done_reports(run.earlier)
    done = {one.device_id for one in carried}
    return _Job(
        parameters=parameters,
        interpreter=interpreter,
        text=text,
        devices=[device for device in run.devices if device.id not in done],
        carried=carried,
    )


async def _fill(place: Workspace, job: _Job, run: Run) -> str:
    """Write the script and its files; the script's path."""
    keys = StoredHostKeys(run.db)
    known = {device.id: await keys.known(device.id) for device in job.devices}
    credential = await run.credentials.of_task()
    script = place.script(job.interpreter)
    place.write(script, script_text(job.text))
    place.write(place.devices, devices_document(job.devices))
    place.write(place.known_hosts, known_hosts_document(job.devices, known))
    place.write(place.results, "", mode=0o600)
    if credential is not None:
        place.write(place.credential, credential_document(credential))
    return str(script)


@asynccontextmanager
async def _followed(reports: DeviceReports, ledger: Ledger) -> AsyncIterator[None]:
    """Record what the script reports as it does: a killed run keeps what it got."""

    async def note(*, last: bool = False) -> None:
        found = reports.new(last=last)
        await ledger.add(found)
        for one in found:
            await ledger.finished(one.device_id, one.device_name)

    async def look() -> None:
        while not ended.is_set():
            await note()
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), _LOOK_SECONDS)
        await note(last=True)

    ended = asyncio.Event()
    looking = asyncio.create_task(look())
    try:
        yield
        # What it is recording just now is recorded to the end.
        ended.set()
        await looking
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


def _results(carried: Sequence[DeviceResult], reports: DeviceReports) -> tuple[DeviceResult, ...]:
    return tuple(({one.device_id: one for one in carried} | reports.latest).values())


def _silent(
    devices: Sequence[Device], carried: Sequence[DeviceResult], reports: DeviceReports
) -> tuple[str, ...]:
    """The devices a script said nothing about, when it did about others."""
    told = {one.device_id for one in _results(carried, reports)}
    return tuple(device.name for device in devices if device.id not in told) if told else ()


def _outcome(title: str, story: ScriptStory) -> Outcome:
    """Failed when the script did, when a device did, or when its files could not be kept."""
    result = TaskResult(results=story.results)
    faults = [
        *_script_faults(story.end),
        *([story.artifacts.fault] if story.artifacts.fault else []),
    ]
    markdown = script_report(title, story)
    if not faults:
        return Outcome(result=result, markdown=markdown)
    try:
        result.raise_on_error()
    except RunFailed as failed:
        faults.insert(0, str(failed))
    return Outcome(
        # Of several reasons the run tells all, not the devices' alone.
        result=TaskResult(results=story.results, allowed_failures=len(story.results)),
        markdown=markdown,
        fault="; ".join(faults),
        timed_out=story.end.timed_out,
    )


def _script_faults(end: ScriptEnd) -> list[str]:
    if not end.fault:
        return []
    words = "\n".join(end.stderr.splitlines()[-_LAST_WORDS:])
    what = f"the script failed: {end.fault}"
    return [f"{what}; its last words:\n{words}" if words else what]


class _Log:
    """Hands lines to the run's log, up to so many."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger
        self._lines = 0

    def said(self, stream: Stream, line: str) -> None:
        self._lines += 1
        if self._lines <= _MOST_LOGGED:
            level = logging.INFO if stream == "stdout" else logging.WARNING
            self._logger.log(level, "%s: %s", stream, line)
        elif self._lines == _MOST_LOGGED + 1:
            self._logger.warning("more than %d lines: no more are logged", _MOST_LOGGED)
