"""A task as people write it, validated."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
    model_validator,
)

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.models.cron import check_cron
from netstacks_tasks.models.documents import examine
from netstacks_tasks.models.faults import problems_of
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.missed import MissedPolicy
from netstacks_tasks.models.parameters import Parameters, contradiction, contradictions
from netstacks_tasks.models.readings import leaves_out_march
from netstacks_tasks.models.schedule import check_timezone

TaskType = Literal["deployment", "backup", "health_check", "custom_script", "agent_task"]
TASK_TYPES: Final[tuple[TaskType, ...]] = get_args(TaskType)

DEFAULT_TIMEOUTS: Final[Mapping[str, int]] = {
    "deployment": 900,
    "backup": 600,
    "health_check": 120,
    "custom_script": 300,
    "agent_task": 300,
}
"""Seconds one attempt may take unless told."""

ADVISED_BACKUP_TIMEOUT: Final = 600
ADVISED_FOR_DEVICES: Final = 50
ADVISED_HEALTH_CHECK_TIMEOUT: Final = 120
MAX_PROBLEMS: Final = 50
_LARGEST_INTEGER: Final = 2_147_483_647
"""What a PostgreSQL integer holds."""
_REFUSED_IN_NAMES: Final = "/%&<>"


def check_name(name: str) -> str:
    """Return the name when Prefect and people can use it; raise `ValueError` when not."""
    if not name.strip():
        raise ValueError("must not be blank: write something")
    if name != name.strip():
        raise ValueError("must not begin or end with a space: remove it")
    refused = sorted(set(name) & set(_REFUSED_IN_NAMES))
    if refused:
        raise ValueError(f"must not hold {' '.join(refused)}: Prefect refuses such names")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} for character in name):
        raise ValueError("must not hold line breaks or other invisible characters: remove them")
    return name


def default_policy(task_type: TaskType) -> MissedPolicy:
    """What a type of task does about missed times unless told."""
    return "skip" if task_type == "deployment" else "run_latest"


def _default_timeout(known: dict[str, Any]) -> int:
    return DEFAULT_TIMEOUTS[known["task_type"]]


def _default_policy(known: dict[str, Any]) -> MissedPolicy:
    return default_policy(known["task_type"])


class TaskSpec(Value):
    """A recurring network operation: what, when, and how hard to try."""

    id: TaskId | None = Field(default=None, description="Given at creation unless told.")
    name: Annotated[StrictStr, Field(min_length=1, max_length=200), AfterValidator(check_name)] = (
        Field(description="Shown to people; unique.", examples=["Nightly Core Router Backup"])
    )
    task_type: TaskType = Field(description="What the task does.")
    cron_expression: Annotated[StrictStr, AfterValidator(check_cron)] = Field(
        description="Five cron fields, or an alias such as @daily; read in the task's timezone.",
        examples=["0 2 * * *"],
    )
    timezone: Annotated[StrictStr, AfterValidator(check_timezone)] = Field(
        default="UTC", description="IANA name.", examples=["America/New_York"]
    )
    enabled: StrictBool = Field(default=True, description="Off: the scheduler skips the task.")
    max_retries: StrictInt = Field(
        default=3, ge=0, le=_LARGEST_INTEGER, description="Attempts after the first one."
    )
    retry_delay_seconds: StrictInt = Field(
        default=60, ge=0, le=_LARGEST_INTEGER, description="Pause between attempts."
    )
    timeout_seconds: StrictInt = Field(
        default_factory=_default_timeout,
        ge=1,
        le=_LARGEST_INTEGER,
        json_schema_extra={"x-default-by-task-type": dict(DEFAULT_TIMEOUTS)},
        description="One attempt is killed after this; the default depends on the type: "
        + ", ".join(f"{kind} {seconds}" for kind, seconds in DEFAULT_TIMEOUTS.items())
        + ".",
    )
    missed_runs: MissedPolicy = Field(
        default_factory=_default_policy,
        json_schema_extra={
            "x-default-by-task-type": {kind: default_policy(kind) for kind in TASK_TYPES}
        },
        description="What happens to times that passed while nothing could run: skip for "
        "deployments and run_latest for all others unless told.",
    )
    missed_window_seconds: StrictInt | None = Field(
        default=None,
        ge=1,
        le=_LARGEST_INTEGER,
        description="How late run_latest still runs; one interval up to 24 hours unless told.",
    )
    parameters: Parameters = Field(description="By type; its type must equal task_type.")

    @model_validator(mode="after")
    def _one_type(self) -> Self:
        for problem in _mismatch(self.task_type, self.parameters.type):
            raise contradiction(problem)
        return self

    def updated(self, changes: Mapping[str, Any]) -> TaskSpec:
        """This task with some fields changed; `parameters` is replaced as a whole.

        Raises:
            InvalidInput: the result is no task.
        """
        before = self.model_dump(mode="json", exclude_none=True)
        return parse_task({**before, **changes})

    def guidance(self, device_count: int | None = None) -> tuple[str, ...]:
        """What an experienced colleague would say; nothing that is refused.

        Args:
            device_count: devices the task works on, when known.
        """
        advice = []
        many = device_count is not None and device_count >= ADVISED_FOR_DEVICES
        if self.task_type == "backup" and many and self.timeout_seconds < ADVISED_BACKUP_TIMEOUT:
            advice.append(
                f"timeout_seconds is {self.timeout_seconds}: for backups of {ADVISED_FOR_DEVICES} "
                f"devices and more, {ADVISED_BACKUP_TIMEOUT} is advised (this one has "
                f"{device_count})"
            )
        if self.task_type == "health_check" and self.timeout_seconds < ADVISED_HEALTH_CHECK_TIMEOUT:
            advice.append(
                f"timeout_seconds is {self.timeout_seconds}: for health checks of slow edge "
                f"devices, {ADVISED_HEALTH_CHECK_TIMEOUT} or more is advised"
            )
        if leaves_out_march(self.cron_expression):
            advice.append(
                f"cron_expression is {self.cron_expression!r}: after a February without the days "
                "30 and 31 Prefect leaves out the first days of March; give those days a task of "
                "their own"
            )
        return tuple(advice)


def parse_task(document: Mapping[str, Any] | str | bytes) -> TaskSpec:
    """Make a task of a document or of JSON text.

    Raises:
        InvalidInput: with one problem for each fault, all of them at once.
    """
    read, problems = examine(document)
    try:
        spec = TaskSpec.model_validate(read)
    except ValidationError as error:
        problems += problems_of(error, TaskSpec)
        # pydantic leaves these out as soon as a field is wrong by itself.
        problems += _contradictions(read)
    else:
        if not problems:
            return spec
    raise InvalidInput(_most_telling(problems))


def _mismatch(task_type: object, parameters_type: object) -> Iterator[Problem]:
    if parameters_type != task_type:
        yield Problem(
            field="parameters.type",
            message=f"is {parameters_type!r} and task_type is {task_type!r}: make them equal",
        )


def _contradictions(read: Mapping[str, Any]) -> Iterator[Problem]:
    parameters = read.get("parameters")
    if not isinstance(parameters, Mapping):
        return
    types = (read.get("task_type"), parameters.get("type"))
    if all(kind in TASK_TYPES for kind in types):
        yield from _mismatch(*types)
    for problem in contradictions(parameters):
        yield replace(problem, field=f"parameters.{problem.field}")


def _most_telling(problems: list[Problem]) -> list[Problem]:
    """The first fault of each field, and no more of them than a person reads."""
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.field, problem)
    told = list(first.values())[:MAX_PROBLEMS]
    if len(first) > MAX_PROBLEMS:
        told.append(Problem(field="", message=f"and {len(first) - MAX_PROBLEMS} more faults"))
    return told
