"""The JSON Schema of a task, for editors, forms and other programs."""

from __future__ import annotations

from typing import Any

from netstacks_tasks.models.task_spec import TaskSpec


def task_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the document that `parse_task` takes."""
    schema = TaskSpec.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "NetStacks scheduled task",
    }
