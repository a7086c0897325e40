"""What a task's deployment must be: a pure function of its row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.sync.catalogue import Catalogue

TAG = "netstacks"
_TASK = "netstacks-task:"
_INSTALLATION = "netstacks-installation:"
_PARAMETER_SCHEMA: dict[str, Any] = {
    "title": "Parameters",
    "type": "object",
    "properties": {"task_id": {"title": "task_id", "type": "string", "position": 0}},
    "required": ["task_id"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """What of a task's row concerns its deployment."""

    id: TaskId
    name: str
    task_type: str
    cron_expression: str
    timezone: str
    enabled: bool
    max_retries: int
    retry_delay_seconds: int
    timeout_seconds: int
    revision: int
    deployment_id: UUID | None = None
    synced_hash: str | None = None
    site_pool: str | None = None
    """The work pool of the site where all its devices are; None: the default one."""
    placed_pool: str | None = None
    """As `site_pool` was when it was last synced."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the deployments of all tasks owe to something else than their rows."""

    catalogue: Catalogue
    installation: UUID
    work_pool: str
    """Of the tasks that no site's pool takes."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables for every flow run."""

    @cached_property
    def fingerprint(self) -> str:
        """Another one when the surroundings, or `desired` itself, are others.

        It begins the hash in every row, so that SQL finds the rows which were
        written under others without computing anything.
        """
        made_up = [
            _content(_made_up(task_type), entry.entrypoint, self).model_dump(mode="json")
            for task_type, entry in sorted(self.catalogue.items())
        ]
        flows = {task_type: entry.flow_name for task_type, entry in self.catalogue.items()}
        return _sha256({"contents": made_up, "flows": flows})[:16]


def _made_up(task_type: str) -> TaskRow:
    return TaskRow(
        id=TaskId(UUID(int=0)),
        name="",
        task_type=task_type,
        cron_expression="",
        timezone="",
        enabled=True,
        max_retries=0,
        retry_delay_seconds=0,
        timeout_seconds=0,
        revision=0,
    )


class ScheduleLine(Value):
    """One schedule of a deployment; `definition` is Prefect's own JSON of it."""

    definition: dict[str, Any]
    active: bool
    parameters: dict[str, Any] = Field(default_factory=dict)


class Content(Value):
    """Everything of a deployment that we set, hence everything we watch."""

    description: str | None
    tags: tuple[str, ...]
    """Sorted."""
    entrypoint: str | None
    path: str | None
    pull_steps: list[dict[str, Any]] | None
    parameters: dict[str, Any]
    parameter_schema: dict[str, Any] | None
    enforce_parameter_schema: bool
    job_variables: dict[str, Any]
    work_pool: str | None
    work_queue: str | None
    paused: bool
    concurrency_limit: int | None
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"] | None
    schedules: tuple[ScheduleLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a deployment stands in Prefect; unique there."""

    flow_name: str
    name: str

    def __str__(self) -> str:
        return f"{self.flow_name}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """The deployment a task must have."""

    row: TaskRow
    place: Place
    content: Content
    hash: str
    """Its fingerprint and the SHA-256 of its content, `<16>.<64>` hexadecimal digits."""


def task_tag(task_id: UUID) -> str:
    """The tag that says whose a deployment or a flow run is."""
    return f"{_TASK}{task_id}"


def installation_tag(installation: UUID) -> str:
    """The tag of everything this installation owns in Prefect."""
    return f"{_INSTALLATION}{installation}"


def task_of(tags: Sequence[str]) -> TaskId | None:
    """The task a deployment or a flow run belongs to, by its tags."""
    for tag in tags:
        if tag.startswith(_TASK):
            try:
                return TaskId(UUID(tag.removeprefix(_TASK)))
            except ValueError:
                continue
    return None


def desired(row: TaskRow, surroundings: Surroundings) -> Desired | None:
    """The deployment of a task; None when no flow runs tasks of its type.

    Retries, their delay and the timeout travel in the environment of the run:
    a deployment has no field for them. A task that is off keeps its deployment
    with its schedule switched off, so that it can still be run by hand.
    """
    entry = surroundings.catalogue.get(row.task_type)
    if entry is None:
        return None
    place = Place(flow_name=entry.flow_name, name=row.name)
    content = _content(row, entry.entrypoint, surroundings)
    stamp = f"{surroundings.fingerprint}.{content_hash(place, content)}"
    return Desired(row=row, place=place, content=content, hash=stamp)


def _content(row: TaskRow, entrypoint: str, surroundings: Surroundings) -> Content:
    return Content(
        description=(
            f"NetStacks {row.task_type} task {row.name}. Edit the task, not this deployment: "
            "what is changed here is undone by the next sync."
        ),
        tags=tuple(sorted((TAG, task_tag(row.id), installation_tag(surroundings.installation)))),
        entrypoint=entrypoint,
        path=None,
        pull_steps=None,
        parameters={"task_id": str(row.id)},
        parameter_schema=_PARAMETER_SCHEMA,
        enforce_parameter_schema=True,
        job_variables={
            "env": {
                **surroundings.environment,
                "PREFECT_FLOWS_DEFAULT_RETRIES": str(row.max_retries),
                "PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS": str(row.retry_delay_seconds),
                "NETSTACKS_TASK_TIMEOUT_SECONDS": str(row.timeout_seconds),
            }
        },
        work_pool=row.site_pool or surroundings.work_pool,
        work_queue="default",
        paused=False,
        concurrency_limit=1,
        collision_strategy="ENQUEUE",
        schedules=(
            ScheduleLine(
                definition={
                    "cron": row.cron_expression,
                    "timezone": row.timezone,
                    "day_or": True,
                },
                active=row.enabled,
            ),
        ),
    )


def content_hash(place: Place, content: Content) -> str:
    """SHA-256 over everything that reaches Prefect."""
    return _sha256({"place": str(place), "content": content.model_dump(mode="json")})


def _sha256(document: object) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
