"""Tasks as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import Response
from pydantic import Field

from netstacks_tasks.api.etags import etag_of
from netstacks_tasks.models.access import Principal
from netstacks_tasks.models.cron_words import in_words
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.parameters import CustomScriptParameters, Parameters
from netstacks_tasks.models.runs import RunState
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import TaskSpec
from netstacks_tasks.operations.redaction import HIDDEN
from netstacks_tasks.wiring import NetStacks

_KNOWN: Final = Task.model_fields.keys() - {"spec"}


class TaskAnswer(TaskSpec):
    """A task, and what is known of it."""

    id: TaskId = Field(description="For ever the same.")
    schedule: str = Field(
        description="The schedule in words.",
        examples=["At 02:00, Monday through Friday (America/New_York)"],
    )
    next_run_at: datetime | None = Field(
        description="When it is due next, in UTC; null when it is off."
    )
    last_run_at: datetime | None = Field(description="When its newest run began, in UTC.")
    last_status: RunState | None = Field(description="How its newest run stands.")
    created_at: datetime = Field(description="In UTC.")
    updated_at: datetime = Field(description="Of the last edit, in UTC.")
    revision: int = Field(description="Grows with every edit; the first part of the ETag.")
    synced: bool = Field(description="Whether Prefect has this revision.")
    synced_at: datetime | None = Field(description="When Prefect was last made equal to it.")
    sync_error: str | None = Field(description="Why Prefect could not be made equal to it.")
    deployment_id: UUID | None = Field(description="Of the deployment in Prefect.")
    deployment_url: str | None = Field(description="Where Prefect's page shows the deployment.")


class TaskDetails(TaskAnswer):
    """A task, what is known of it, and advice."""

    advice: tuple[str, ...] = Field(
        serialization_alias="guidance",
        description="What is allowed and not advised, for people.",
        examples=[["timeout_seconds is 60: 120 or more is advised"]],
    )


class TaskPage(Value):
    """Tasks that match, a page of them."""

    items: tuple[TaskAnswer, ...]
    total: int = Field(description="How many match.")
    limit: int
    offset: int


class Guidance(Value):
    """What is allowed for a task and not advised."""

    guidance: tuple[str, ...] = Field(description="For people; empty: nothing to say.")


def task_answer(task: Task, netstacks: NetStacks, caller: Principal) -> TaskAnswer:
    """A task as the caller may see it."""
    return TaskAnswer.model_construct(**_facts(task, netstacks, caller))


async def details_of(
    netstacks: NetStacks, task: Task, caller: Principal, response: Response
) -> TaskDetails:
    """A task with advice; its ETag goes into the answer's headers."""
    advice = await netstacks.guidance(task)
    shown = TaskDetails.model_construct(**_facts(task, netstacks, caller), advice=advice)
    response.headers["ETag"] = etag_of(shown, task.revision)
    return shown


def _facts(task: Task, netstacks: NetStacks, caller: Principal) -> dict[str, Any]:
    spec = task.spec
    parameters = spec.parameters if caller.may("operator") else _without_script(spec.parameters)
    return {
        **dict(spec),
        "parameters": parameters,
        **{name: getattr(task, name) for name in TaskAnswer.model_fields if name in _KNOWN},
        "id": task.id,
        "schedule": f"{in_words(spec.cron_expression)} ({spec.timezone})",
        "synced": task.synced_hash is not None and task.sync_error is None,
        "deployment_url": netstacks.deployment_url(task),
    }


def _without_script(parameters: Parameters) -> Parameters:
    """Scripts are for those who may change them, here and where they are stored."""
    if isinstance(parameters, CustomScriptParameters) and parameters.script is not None:
        return parameters.model_copy(update={"script": HIDDEN})
    return parameters
