"""The flow of agent tasks."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Final

from prefect import get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State

from flows._agent_report import Asked, agent_report, transcript_document, transcript_report
from flows._agent_usage import AgentUsage
from flows._blocks import load_config_root
from flows._model import chat_with, load_model, prices_of
from flows._run import Outcome, Run, run_task
from flows._task_flow import task_flow
from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.models.parameters import DEFAULT_MODEL_BLOCK, AgentTaskParameters
from netstacks_tasks.models.result import TaskResult
from netstacks_tasks.operations.agent.ending import AgentEnd
from netstacks_tasks.operations.agent.noc_agent import AgentSources, NocAgent
from netstacks_tasks.operations.agent.retrying import RetryingChat
from netstacks_tasks.operations.agent.transcript import Transcript
from netstacks_tasks.store.agent_records import AgentRecords
from netstacks_tasks.store.host_keys import StoredHostKeys

TRANSCRIPTS: Final = "agent-transcripts"
"""Below the root of the config store: run, attempt."""


@task_flow
async def agent_task(task_id: str) -> State[Any] | None:
    """Have a language model look at the network and answer a task's question."""
    return await run_task(task_id, _operate)


async def _operate(run: Run) -> Outcome:
    parameters = run.task.spec.parameters
    assert isinstance(parameters, AgentTaskParameters)  # noqa: S101 - the type column says so
    logger = get_run_logger()
    name = parameters.model_block or DEFAULT_MODEL_BLOCK
    block = await load_model(name, run.redactor)
    usage = AgentUsage(
        db=run.db,
        run_id=run.id,
        attempt=run.attempt.number,
        model=block.model,
        prices=prices_of(block),
        logger=logger,
    )
    await usage.begin()
    logger.info("%s at %s looks at %d devices", block.model, block.base_url, len(run.devices))
    asked = Asked(
        title=f"{run.task.spec.name}, attempt {run.attempt.number}",
        model=block.model,
        endpoint=block.base_url,
        prices=usage.prices,
        kept=await load_config_root() / TRANSCRIPTS / str(run.id) / f"{run.attempt.number}.json",
    )

    def comparable(platform: str, text: str) -> str:
        return run.redactor.private_keys(normalise(platform, text))

    async with (
        chat_with(name, block, parameters.temperature, run.redactor) as chat,
        DeviceAccess(StoredHostKeys(run.db)) as access,
    ):
        agent = NocAgent(
            run.task,
            AgentSources(
                chat=RetryingChat(chat, run.attempt.deadline, usage.said),
                devices=run.devices,
                access=access,
                credentials=run.credentials,
                records=AgentRecords(run.db, comparable),
                recorder=run.recorder,
                redactor=run.redactor,
                listener=usage,
            ),
            run.attempt,
        )
        try:
            end = await agent.ask()
        except BaseException:
            # It is cancelled, or cannot record: what was said up to then is evidence.
            _keep(asked, run, agent.transcript, None)
            raise
    await usage.ended(end)
    return await _told(run, asked, agent, end)


async def _told(run: Run, asked: Asked, agent: NocAgent, end: AgentEnd) -> Outcome:
    logger = get_run_logger()
    fault = _keep(asked, run, end.transcript, end)
    if fault:
        logger.warning("%s", fault)
        asked = replace(asked, kept=None)
    try:
        await acreate_markdown_artifact(
            markdown=transcript_report(asked.title, end.transcript, asked.kept),
            key=f"transcript-{run.task.id}",
            description=f"{asked.title}: every message and every call of a tool",
        )
    except Exception as error:
        logger.warning("the transcript's artifact was not created: %s", type(error).__name__)
    return Outcome(
        # What could not be read is for the answer to tell: it does not fail the run.
        result=TaskResult(results=agent.results, allowed_failures=len(agent.results)),
        markdown=agent_report(asked, end, agent.results),
        fault=end.fault,
        timed_out=end.timed_out,
    )


def _keep(asked: Asked, run: Run, transcript: Transcript, end: AgentEnd | None) -> str:
    """Write the whole transcript to its file, for the owner alone; what went wrong, if anything."""
    if asked.kept is None:
        return ""
    about = {
        "run": str(run.id),
        "attempt": run.attempt.number,
        "task": run.task.spec.name,
        "model": asked.model,
        "endpoint": asked.endpoint,
        "outcome": "interrupted" if end is None else end.outcome,
        "fault": "" if end is None else end.fault,
    }
    text = transcript_document(about, transcript, None if end is None else end.answer)
    try:
        asked.kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with os.fdopen(os.open(asked.kept, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return f"the transcript is not kept as a file: {asked.kept}: {reason}"
    return ""
