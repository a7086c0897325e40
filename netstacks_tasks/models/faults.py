"""Turns pydantic's findings into problems that name the field and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from netstacks_tasks.errors import Problem
from netstacks_tasks.models.parameters import Parameters

READ_ONLY: Final = frozenset(
    {"next_run_at", "last_run_at", "last_status", "created_at", "updated_at"}
)
_LONGEST_ECHO: Final = 60
_BY_TAG: Final[Mapping[str, type[BaseModel]]] = {
    get_args(model.model_fields["type"].annotation)[0]: model
    for model in get_args(get_args(Parameters)[0])
}

_TAGS: Final = ", ".join(_BY_TAG)
_WHOLE_NUMBER: Final = "must be a whole number, written without quotes"
_UUID: Final = "must be a UUID, as in the inventory"
_NOT_EMPTY: Final = "must not be empty: give at least one"
_WITHOUT_ECHO: Final = {
    "missing": "is required: add it",
    "too_short": _NOT_EMPTY,
    "string_too_short": _NOT_EMPTY,
    "union_tag_not_found": f"is required: one of {_TAGS}",
    "union_tag_invalid": f"must be one of {_TAGS}",
}
_EXPECTED: Final = {
    "model_attributes_type": "must be an object: write {{...}}",
    "model_type": "must be an object: write {{...}}",
    "literal_error": "must be {expected}",
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "bool_type": "must be true or false, written without quotes",
    "uuid_parsing": _UUID,
    "uuid_type": _UUID,
}


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """One problem for each fault of a document of this model."""
    # A default that needs a field which is wrong itself says nothing new.
    return [
        _problem(fault, model)
        for fault in error.errors(include_url=False)
        if fault["type"] != "default_factory_not_called"
    ]


def _problem(fault: ErrorDetails, model: type[BaseModel]) -> Problem:
    place = fault["loc"]
    # Behind the name of a tagged union stands the tag, which is no field.
    tag = place[1] if len(place) > 1 and place[0] == "parameters" else None
    owner = _BY_TAG.get(str(tag), model) if tag is not None else model
    path = [part for position, part in enumerate(place) if not (position == 1 and tag in _BY_TAG)]
    field = ".".join(str(part)[:_LONGEST_ECHO] for part in path)
    if fault["type"].startswith("union_tag") or (not field and "parameters.type" in fault["msg"]):
        field = "parameters.type"
    return Problem(field=field, message=_message(fault, owner, str(path[-1]) if path else ""))


def _message(fault: ErrorDetails, owner: type[BaseModel], name: str) -> str:
    context = fault.get("ctx", {})
    if fault["type"] == "extra_forbidden":
        return _unknown(name, tuple(owner.model_fields))
    if fault["type"] == "value_error":
        return str(context.get("error", fault["msg"]))
    if fault["type"] == "string_too_long":
        return f"must have at most {context['max_length']} characters: shorten it"
    if fault["type"] in _WITHOUT_ECHO:
        return _WITHOUT_ECHO[fault["type"]]
    expected = _EXPECTED.get(fault["type"], "").format(**context) or _bounds(context)
    return f"{expected or fault['msg']}: got {_echo(fault['input'])}"


def _bounds(context: Mapping[str, Any]) -> str:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    said = [f"{word} {context[key]}" for key, word in words.items() if key in context]
    return f"must be {' and '.join(said)}" if said else ""


def _unknown(name: str, known: Sequence[str]) -> str:
    if name in READ_ONLY:
        return "is read-only: leave it out"
    near = difflib.get_close_matches(name[:_LONGEST_ECHO], known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known fields are {', '.join(sorted(known))}"
    return f"is an unknown field: {hint}"


def _echo(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_ECHO else f"{text[:_LONGEST_ECHO]}..."
