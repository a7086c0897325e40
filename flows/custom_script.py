"""The flow of script tasks."""

from __future__ import annotations

import logging
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State

from flows import _exclusion
from flows._blocks import load_config_root
from flows._run import Outcome, Run, run_task
from flows._script_report import script_report
from flows._settings import SETTINGS
from netstacks_tasks.models.parameters import CustomScriptParameters
from netstacks_tasks.operations.script.isolation import interpreter_for, isolation_for
from netstacks_tasks.operations.script.runner import ScriptEnd, Stream, run_script
from netstacks_tasks.operations.script.workspace import (
    credential_document,
    devices_document,
    keep_artifacts,
    workspace,
)
from netstacks_tasks.store import inventory
from netstacks_tasks.store.inventory_items import Script

Logger = logging.Logger | logging.LoggerAdapter[Any]

ARTIFACTS = "script-artifacts"
"""Below the root of the config store: run, attempt, file."""
_MOST_LOGGED = 2000
"""Lines in the run's log; the last ones are in its report in any case."""

_LAST_WORDS = 20
"""Lines of stderr in the reason of a failed run."""


@flow(
    name="custom_script",
    timeout_seconds=SETTINGS.task_timeout_seconds,
    persist_result=False,
    on_running=[_exclusion.hold],
    on_completion=[_exclusion.finish],
    on_failure=[_exclusion.finish],
    on_crashed=[_exclusion.finish],
    on_cancellation=[_exclusion.finish],
)
async def custom_script(task_id: str) -> State[Any] | None:
    """Run a task's script with its devices, and nothing else of the worker's."""
    return await run_task(task_id, _operate)


async def _operate(run: Run) -> Outcome:
    parameters = run.task.spec.parameters
    assert isinstance(parameters, CustomScriptParameters)  # noqa: S101 - the type column says so
    interpreter, text = await _script(run, parameters)
    credential = await run.credentials.of_task()
    destination = await load_config_root() / ARTIFACTS / str(run.id) / str(run.attempt.number)
    isolation = isolation_for(run.id)
    program = interpreter_for(interpreter, isolation)
    logger = get_run_logger()
    logger.info("isolation: %s; interpreter: %s", isolation, program)
    with workspace(isolation.uid) as place:
        script = place.script(interpreter)
        place.write(script, text)
        place.write(place.devices, devices_document(run.devices))
        if credential is not None:
            place.write(place.credential, credential_document(credential))
        end = await run_script(
            [program, str(script), *parameters.arguments],
            place,
            isolation,
            seconds=run.attempt.deadline.left,
            said=_Log(logger).said,
            redact=run.redactor,
            credential=credential is not None,
        )
        kept, left_out = keep_artifacts(place, destination)
    for fault in left_out:
        logger.warning("artifact not kept: %s", fault)
    return Outcome(
        markdown=script_report(
            f"{run.task.spec.name}, attempt {run.attempt.number}",
            end,
            isolation=str(isolation),
            kept=kept,
            left_out=left_out,
            destination=destination,
        ),
        fault=_fault(end),
        timed_out=end.timed_out,
    )


async def _script(run: Run, parameters: CustomScriptParameters) -> tuple[str, str]:
    """Its interpreter and text; a stored one is read anew by every attempt."""
    if parameters.script is not None:
        return parameters.interpreter, parameters.script
    assert parameters.script_id is not None  # noqa: S101 - one of the two is given
    stored = await inventory.get(run.db, Script, parameters.script_id)
    return stored.interpreter, stored.body


def _fault(end: ScriptEnd) -> str:
    if end.exit_code == 0:
        return ""
    what = f"the script failed: {end.fault or f'it ended with exit code {end.exit_code}'}"
    words = "\n".join(end.stderr.splitlines()[-_LAST_WORDS:])
    return f"{what}; its last words:\n{words}" if words else what


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
