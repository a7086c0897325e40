"""JSON Schemas of tools' arguments, in the plain form that every endpoint takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

_REFERENCE: Final = "#/$defs/"
_LEFT_OUT: Final = frozenset(
    {"title", "maxLength", "minLength", "maxItems", "minItems", "pattern", "format"}
)
"""Servers that make a grammar of the schema fail on large repetitions; we check these ourselves."""


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a model without references and bounds, which small servers trip over."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    plain: dict[str, Any] = _plain(schema, definitions)
    plain.pop("description", None)
    return plain


def _plain(schema: Any, definitions: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(schema, list):
        return [_plain(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _plain(definitions[reference.removeprefix(_REFERENCE)], definitions)
    return {
        key: {name: _plain(part, definitions) for name, part in value.items()}
        if key == "properties"
        else _plain(value, definitions)
        for key, value in schema.items()
        if key not in _LEFT_OUT
    }
