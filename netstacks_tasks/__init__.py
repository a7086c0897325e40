"""NetStacks Scheduled Tasks: recurring network operations, run by Prefect."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netstacks_tasks.errors import InvalidInput, NetstacksError, NotFound
    from netstacks_tasks.models.json_schema import task_json_schema
    from netstacks_tasks.models.task import Task
    from netstacks_tasks.models.task_spec import TaskSpec, parse_task
    from netstacks_tasks.wiring import NetStacks

__all__ = [
    "InvalidInput",
    "NetStacks",
    "NetstacksError",
    "NotFound",
    "Task",
    "TaskSpec",
    "parse_task",
    "task_json_schema",
]

_HOMES = {
    "InvalidInput": "errors",
    "NetStacks": "wiring",
    "NetstacksError": "errors",
    "NotFound": "errors",
    "Task": "models.task",
    "TaskSpec": "models.task_spec",
    "parse_task": "models.task_spec",
    "task_json_schema": "models.json_schema",
}


def __getattr__(name: str) -> object:
    # Imported when first used: a command line must not wait for what it does not need.
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
