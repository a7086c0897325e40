"""Changes to a task in which single parameters are named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netstacks_tasks.models.task_spec import TaskSpec

_PARAMETERS: Final = "parameters"
_PREFIX: Final = f"{_PARAMETERS}."


def names_single_parameters(changes: Mapping[str, Any]) -> bool:
    """Whether a change like `parameters.destination` is among them."""
    return any(field.startswith(_PREFIX) for field in changes)


def whole_fields(spec: TaskSpec, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with single parameters put into all those of the task."""
    whole = {field: value for field, value in changes.items() if not field.startswith(_PREFIX)}
    before = spec.parameters.model_dump(mode="json", exclude_none=True)
    given = whole.get(_PARAMETERS, before)
    if not isinstance(given, Mapping):
        return whole  # which the task's model refuses
    parameters = dict(given)
    for field, value in changes.items():
        if field not in whole:
            parameters[field.removeprefix(_PREFIX)] = value
    return {**whole, _PARAMETERS: parameters}
