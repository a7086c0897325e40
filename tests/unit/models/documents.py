"""Task documents that are right, to be made wrong."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.task_spec import parse_task

EXAMPLES = Path(__file__).parents[2] / "examples"
ID = "b2c3d4e5-6789-abcd-ef01-234567890bcd"


def example(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / f"{name}-task.json").read_text("utf-8"))
    return document


def backup(parameters: dict[str, Any] | None = None, /, **fields: object) -> dict[str, Any]:
    """The backup of the examples with some fields changed; `...` takes one out."""
    return _changed(example("backup"), parameters, fields)


def health_check(parameters: dict[str, Any] | None = None, /, **fields: object) -> dict[str, Any]:
    return _changed(example("health-check"), parameters, fields)


def custom_script(parameters: dict[str, Any] | None = None, /, **fields: object) -> dict[str, Any]:
    return _changed(example("custom_script"), parameters, fields)


def faults(document: object) -> dict[str, str]:
    """What is wrong with a document: the message by field."""
    with pytest.raises(InvalidInput) as caught:
        parse_task(document)  # type: ignore[arg-type]  # what is tested
    found = {problem.field: problem.message for problem in caught.value.problems}
    assert len(found) == len(caught.value.problems), "a field is named twice"
    return found


def _changed(
    document: dict[str, Any], parameters: dict[str, Any] | None, fields: dict[str, object]
) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    _change(changed["parameters"], parameters or {})
    _change(changed, fields)
    return changed


def _change(whole: dict[str, Any], changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if value is ...:
            del whole[name]
        else:
            whole[name] = value
