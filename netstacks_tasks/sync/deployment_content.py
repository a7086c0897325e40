"""A deployment's content between our form of it and Prefect's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.client.schemas.schedules import CronSchedule

from netstacks_tasks.sync.desired import Content, ScheduleLine


def content_of(deployment: Mapping[str, Any]) -> Content:
    """A deployment as Prefect reports it, in the form it is compared in."""
    limit = deployment["global_concurrency_limit"]
    options = deployment["concurrency_options"]
    return Content(
        description=deployment["description"],
        tags=tuple(sorted(deployment["tags"])),
        entrypoint=deployment["entrypoint"],
        path=deployment["path"],
        pull_steps=deployment["pull_steps"] or None,
        parameters=deployment["parameters"],
        parameter_schema=deployment["parameter_openapi_schema"],
        enforce_parameter_schema=bool(deployment["enforce_parameter_schema"]),
        job_variables=deployment["job_variables"],
        work_pool=deployment["work_pool_name"],
        work_queue=deployment["work_queue_name"],
        paused=deployment["paused"],
        concurrency_limit=limit["limit"] if limit is not None else None,
        collision_strategy=options["collision_strategy"] if options is not None else None,
        schedules=tuple(
            ScheduleLine(
                definition=line["schedule"], active=line["active"], parameters=line["parameters"]
            )
            for line in deployment["schedules"]
        ),
    )


def concurrency_options(content: Content) -> ConcurrencyOptions | None:
    """What becomes of a run whose task runs already."""
    if content.collision_strategy is None:
        return None
    strategy = ConcurrencyLimitStrategy(content.collision_strategy)
    return ConcurrencyOptions(collision_strategy=strategy)


def schedule_of(line: ScheduleLine) -> DeploymentScheduleCreate:
    """One schedule as Prefect's client writes it."""
    definition: dict[str, Any] = line.definition
    # Checked when the task was saved; Prefect's own check opens 600 files.
    return DeploymentScheduleCreate(
        schedule=CronSchedule.model_construct(**definition),
        active=line.active,
        parameters=line.parameters,
    )
