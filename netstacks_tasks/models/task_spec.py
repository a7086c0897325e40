"""A task as people write it, validated."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
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

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.documents import read_document
from netstacks_tasks.models.faults import problems_of
from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.models.inventory import Value
from netstacks_tasks.models.missed import MissedPolicy
from netstacks_tasks.models.parameters import Parameters
from netstacks_tasks.models.schedule import check_cron, check_timezone

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
_LARGEST_INTEGER: Final = 2_147_483_647
_DAY: Final = 86_400
_REFUSED_IN_NAMES: Final = "/%&<>"


def check_name(name: str) -> str:
    """Return the name when Prefect and people can use it; raise `ValueError` when not."""
    if name != name.strip():
        raise ValueError("must not begin or end with a space: remove it")
    refused = sorted(set(name) & set(_REFUSED_IN_NAMES))
    if refused:
        raise ValueError(f"must not hold {' '.join(refused)}: Prefect refuses such names")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} for character in name):
        raise ValueError("must not hold line breaks or other invisible characters: remove them")
    return name


def _default_timeout(known: dict[str, Any]) -> int:
    return DEFAULT_TIMEOUTS.get(known.get("task_type", ""), 600)


def _default_policy(known: dict[str, Any]) -> MissedPolicy:
    return "skip" if known.get("task_type") == "deployment" else "run_latest"


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
        default=3, ge=0, le=100, description="Attempts after the first one."
    )
    retry_delay_seconds: StrictInt = Field(
        default=60, ge=0, le=_DAY, description="Pause between attempts."
    )
    timeout_seconds: StrictInt = Field(
        default_factory=_default_timeout,
        ge=1,
        le=7 * _DAY,
        description="One attempt is killed after this; the default depends on the type: "
        + ", ".join(f"{kind} {seconds}" for kind, seconds in DEFAULT_TIMEOUTS.items())
        + ".",
    )
    missed_runs: MissedPolicy = Field(
        default_factory=_default_policy,
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
        if self.parameters.type != self.task_type:
            raise ValueError(
                f"parameters.type is {self.parameters.type!r} and task_type is "
                f"{self.task_type!r}: make them equal"
            )
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
        return tuple(advice)


def parse_task(document: Mapping[str, Any] | str | bytes) -> TaskSpec:
    """Make a task of a document or of JSON text.

    Raises:
        InvalidInput: with one problem for each fault, all of them at once.
    """
    read = read_document(document)
    try:
        return TaskSpec.model_validate(read)
    except ValidationError as error:
        raise InvalidInput(problems_of(error, TaskSpec)) from None
