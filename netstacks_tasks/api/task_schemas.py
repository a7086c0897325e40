"""The JSON Schema of a task as components of the API's description."""

from __future__ import annotations

from typing import Any, Final

from netstacks_tasks.models.json_schema import task_json_schema

_INNER: Final = "#/$defs/"
_PREFIX: Final = "NewTask."
"""What FastAPI derives from the answers bears the same names."""


def task_schemas() -> dict[str, Any]:
    """`NewTask`, what is created; `TaskChanges`, what may be changed; and what they refer to."""
    schema = task_json_schema()
    inner = schema.pop("$defs")
    del schema["$schema"]
    changes = {name: one for name, one in schema["properties"].items() if name != "id"}
    found = {
        "NewTask": {**schema, "title": "NewTask"},
        "TaskChanges": {
            "title": "TaskChanges",
            "description": "New values by field; those left out stay.",
            "type": "object",
            "properties": {
                # What is left out stays as it is: no default of a new task counts.
                name: {key: value for key, value in one.items() if key != "default"}
                for name, one in changes.items()
            },
            "patternProperties": {
                r"^parameters\.[a-z_]+$": {"description": "A single one of the parameters."}
            },
            "additionalProperties": False,
        },
        **{f"{_PREFIX}{name}": one for name, one in inner.items()},
    }
    return {name: _moved(one) for name, one in found.items()}


def _moved(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """The same, with its references to where the inner schemas are now."""
    if isinstance(schema, dict):
        return {key: _moved(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_moved(value) for value in schema]
    if isinstance(schema, str) and schema.startswith(_INNER):
        return f"#/components/schemas/{_PREFIX}{schema.removeprefix(_INNER)}"
    return schema
