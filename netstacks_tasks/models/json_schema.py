"""The JSON Schema of a task, for editors, forms and other programs."""

from __future__ import annotations

from typing import Any, Final

from netstacks_tasks.models.task_spec import TaskSpec

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def task_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the document that `parse_task` takes.

    A form finds the fields of a type by `properties.parameters.discriminator`, and
    defaults that depend on the type under `x-default-by-task-type`. What a schema
    cannot say (the cron expression, the zone, the inventory) `parse_task` and the
    store check.
    """
    schema = TaskSpec.model_json_schema()
    mapping: dict[str, str] = schema["properties"]["parameters"]["discriminator"]["mapping"]
    return {
        "$schema": DIALECT,
        **schema,
        "title": "NetStacks scheduled task",
        # The tag of the parameters equals the type of the task.
        "allOf": [
            {
                "if": {"properties": {"task_type": {"const": kind}}, "required": ["task_type"]},
                "then": {"properties": {"parameters": {"$ref": reference}}},
            }
            for kind, reference in mapping.items()
        ],
    }
