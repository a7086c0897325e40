"""From the texts of a form to the document that the API takes."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, Final

from netstacks_tasks.models.task_spec import TaskType
from netstacks_tasks.web.forms.fields import SCRIPT_SOURCE, Field, fields_of
from netstacks_tasks.web.forms.values import ON, FormValues

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_UNSAID: Final = object()


def document_of(values: FormValues, task_type: TaskType) -> dict[str, Any]:
    """What was typed, as a document; what was left empty is left to the defaults.

    A number that is none stays text, and the model says so. `target_id` holds the
    name that was typed.
    """
    document: dict[str, Any] = {"task_type": task_type}
    parameters: dict[str, Any] = {"type": task_type}
    for field in fields_of(task_type):
        value = _value(field, values)
        if value is _UNSAID:
            continue
        top, _, name = field.path.rpartition(".")
        (parameters if top else document)[name] = value
    if task_type == "custom_script":
        stored = values.first(SCRIPT_SOURCE) == "stored"
        parameters.pop("script" if stored else "script_id", None)
    return {**document, "parameters": parameters}


def _value(field: Field, values: FormValues) -> object:
    if field.kind == "flag":
        return ON in values.all(field.path)
    if field.kind == "choices":
        chosen = values.all(field.path)
        every = field.path == "parameters.tools" and len(chosen) == len(field.options)
        # All of them: those of later versions too.
        return _UNSAID if every else list(chosen)
    text = values.first(field.path)
    if field.kind == "lines":
        return [_argument(line) for line in text.split("\n") if line.strip()] or _UNSAID
    if field.kind != "area":
        text = text.strip()
    if not text and not field.required:
        return _UNSAID
    return _number(field, text)


def _number(field: Field, text: str) -> object:
    if field.kind == "number" and _WHOLE.fullmatch(text):
        return int(text)
    if field.kind == "decimal" and _DECIMAL.fullmatch(text):
        return float(text)
    return text


def _argument(line: str) -> str:
    """A line in quotes is read as JSON text: so an argument may hold a line break."""
    if line.startswith('"'):
        with suppress(ValueError):
            read = str(json.loads(line))
            read.encode()  # half a character is none
            return read
    return line
