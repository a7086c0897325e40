"""Turns pydantic's findings into problems that name the field and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from netstacks_tasks.errors import Problem
from netstacks_tasks.models.documents import show_name
from netstacks_tasks.models.parameters import Parameters

READ_ONLY: Final = frozenset(
    {
        "next_run_at",
        "last_run_at",
        "last_status",
        "created_at",
        "updated_at",
        "revision",
        "deployment_id",
        "synced_hash",
        "synced_at",
        "sync_error",
    }
)
_LONGEST_ECHO: Final = 60
_BY_TAG: Final[Mapping[str, type[BaseModel]]] = {
    get_args(model.model_fields["type"].annotation)[0]: model
    for model in get_args(get_args(Parameters)[0])
}

_TAGS: Final = ", ".join(_BY_TAG)
_WHOLE_NUMBER: Final = "must be a whole number, written without quotes"
_TEXT: Final = "must be text, in quotes"
_OBJECT: Final = "must be an object: write {{...}}"
_LIST: Final = "must be a list: write [...]"
_UUID: Final = "must be a UUID, as in the inventory"
_SAID_ELSEWHERE: Final = {
    "default_factory_not_called",  # it needs a field that is wrong itself
    "string_unicode",  # half a character: `examine` names the place
}
_WITHOUT_ECHO: Final = {
    "missing": "is required: add it",
    "too_short": "must not be empty: give at least one",
    "string_too_short": "must not be empty: write something",
    "union_tag_not_found": f"is required: add one of {_TAGS}",
    "union_tag_invalid": f"must be one of {_TAGS}",
    "invalid_key": "is no field name: write letters in quotes",
    "finite_number": "must be a number",
}
_EXPECTED: Final = {
    "model_attributes_type": _OBJECT,
    "model_type": _OBJECT,
    "dict_type": _OBJECT,
    "tuple_type": _LIST,
    "literal_error": "must be {expected}",
    "int_type": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "float_type": "must be a number, written without quotes",
    "string_type": _TEXT,
    "bool_type": "must be true or false, written without quotes",
    "uuid_parsing": _UUID,
    "uuid_type": _UUID,
}


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """One problem for each fault of a document of this model."""
    faults = error.errors(include_url=False)
    inside = {fault["loc"][:-1] for fault in faults}
    return [
        _problem(fault, model)
        for fault in faults
        if fault["type"] not in _SAID_ELSEWHERE
        # Nor does the length of a list without its wrong entries say anything new.
        and not (fault["type"] == "too_short" and fault["loc"] in inside)
    ]


def _problem(fault: ErrorDetails, model: type[BaseModel]) -> Problem:
    place = fault["loc"]
    # Behind the name of the tagged union stands the tag, which is no field.
    tag = place[1] if len(place) > 1 and place[0] == "parameters" else None
    owner = _BY_TAG.get(str(tag), model)
    path = [str(part) for part in (place if owner is model else (place[0], *place[2:]))]
    name = path[-1] if path else ""
    if fault["type"].startswith("union_tag"):
        path.append("type")
    elif fault["type"] == "contradiction":
        path.append(fault["ctx"]["field"])
    field = ".".join(map(show_name, path))
    return Problem(field=field, message=_message(fault, owner, name))


def _message(fault: ErrorDetails, owner: type[BaseModel], name: str) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(name, tuple(owner.model_fields))
    if kind == "value_error":
        return str(context["error"])
    if kind == "contradiction":
        return str(context["message"])
    if kind in {"string_too_long", "too_long"}:
        unit = "characters" if kind == "string_too_long" else "entries"
        return f"must have at most {context['max_length']} {unit}: shorten it"
    if kind in _WITHOUT_ECHO:
        return _WITHOUT_ECHO[kind]
    expected = _EXPECTED.get(kind, "").format(**context) or _bounds(context)
    return f"{expected or fault['msg']}: got {_echo(fault['input'])}"


def _bounds(context: Mapping[str, Any]) -> str:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    said = [f"{word} {context[key]}" for key, word in words.items() if key in context]
    return f"must be {' and '.join(said)}" if said else ""


def _unknown(name: str, known: Sequence[str]) -> str:
    if name in READ_ONLY:
        return "is read-only: leave it out"
    short = name[:_LONGEST_ECHO].casefold()
    near = difflib.get_close_matches(short, known, n=1) or [
        field for field in known if len(short) > 2 and (short in field or field in short)
    ]
    hint = f"did you mean {near[0]}?" if near else f"known fields are {', '.join(sorted(known))}"
    return f"is an unknown field: {hint}"


def _echo(value: object) -> str:
    """A short form of a value; what is inside a list or an object is not shown."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple | set):
        return "a list"
    if isinstance(value, bool | None):
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int) and abs(value) > 10**_LONGEST_ECHO:
        return "a number of many digits"
    text = repr(value[: _LONGEST_ECHO + 1] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_ECHO else f"{text[:_LONGEST_ECHO]}..."
