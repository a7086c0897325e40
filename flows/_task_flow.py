"""What makes a function the flow of a task type."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from prefect import Flow, flow
from prefect.client.schemas.objects import State

from flows import _exclusion
from flows._settings import SETTINGS

TaskFunction = Callable[[str], Coroutine[Any, Any, State[Any] | None]]


def task_flow(function: TaskFunction) -> Flow[[str], Coroutine[Any, Any, State[Any] | None]]:
    """The function as a flow of its own name: the task type.

    Its time limit is the task's, from the run's environment; one run of a task
    works at a time, from its first attempt to its last.
    """
    made: Flow[[str], Coroutine[Any, Any, State[Any] | None]] = flow(
        name=function.__name__,
        timeout_seconds=SETTINGS.task_timeout_seconds,
        persist_result=False,
        on_running=[_exclusion.hold],
        on_completion=[_exclusion.finish],
        on_failure=[_exclusion.finish],
        on_crashed=[_exclusion.finish],
        on_cancellation=[_exclusion.finish],
    )(function)
    return made
