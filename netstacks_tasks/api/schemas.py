"""Bodies that our own parsers read, as the API's description shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

_INNER: Final = "#/$defs/"
_ABOUT: Final = frozenset({"title", "description", "default", "examples"})


def body_of(model: type[BaseModel], example: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON body of a model's shape."""
    content = {"schema": schema_of(model), "example": dict(example)}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def changes_of(model: type[BaseModel], example: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON body with any of a model's fields."""
    schema = schema_of(model)
    fields = {
        name: {key: value for key, value in one.items() if key != "default"}
        for name, one in schema["properties"].items()
        if name != "id"
    }
    wanted = {
        "title": f"{schema['title']}Changes",
        "type": "object",
        "description": "New values by field: a field that is left out stays, null is its default.",
        "properties": fields,
        "additionalProperties": False,
    }
    content = {"schema": wanted, "example": dict(example)}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Its JSON Schema, with the inner ones where they are used."""
    schema = model.model_json_schema()
    inner = schema.pop("$defs", {})
    found: dict[str, Any] = _inlined(schema, inner)
    required = set(found.get("required", ()))
    found["properties"] = {
        name: one if name in required else _or_null(one)
        for name, one in found["properties"].items()
    }
    return found


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Null is the same as left out, as in a file to import."""
    if {"type": "null"} in schema.get("anyOf", ()):
        return schema
    about = {key: value for key, value in schema.items() if key in _ABOUT}
    kind = {key: value for key, value in schema.items() if key not in _ABOUT}
    return {**about, "anyOf": [kind, {"type": "null"}]}


def _inlined(schema: Any, inner: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(schema, list):
        return [_inlined(one, inner) for one in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(_INNER):
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_inlined(inner[reference.removeprefix(_INNER)], inner), **_inlined(rest, inner)}
    return {key: _inlined(value, inner) for key, value in schema.items()}
