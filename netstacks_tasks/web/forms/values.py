"""What stands in a form, as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from netstacks_tasks.models.task_spec import TASK_TYPES, TaskSpec, TaskType, parse_task
from netstacks_tasks.web.forms.fields import SCRIPT_SOURCE, Field, fields_of

ON: Final = "true"
_FIRST_SCHEDULES: Final[Mapping[TaskType, str]] = {
    "deployment": "0 0 * * 0",
    "backup": "0 2 * * *",
    "health_check": "*/15 * * * *",
    "custom_script": "0 3 * * *",
    "agent_task": "0 7 * * *",
}
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_LEAST: Final[Mapping[TaskType, Mapping[str, Any]]] = {
    "deployment": {"stack_instance_id": _NOBODY},
    "backup": {"target_type": "device_group", "target_id": _NOBODY, "destination": "-"},
    "health_check": {"credential_id": _NOBODY, "checks": ["ping", "ssh", "snmp_sysname"]},
    "custom_script": {"script": "-"},
    "agent_task": {"prompt": "-"},
}
"""Parameters that a person has to give; stand-ins, to ask the model for the rest."""
_KEPT: Final = frozenset({"checks", "target_type"})
_LINE_ENDS: Final = re.compile(r"\r\n?")


class FormValues:
    """Texts by the names of their fields; a name may have several, as check boxes have."""

    def __init__(self, texts: Mapping[str, Iterable[str]]) -> None:
        self._texts = {name: tuple(values) for name, values in texts.items()}

    @classmethod
    def sent(cls, items: Iterable[tuple[str, object]]) -> FormValues:
        """Of a request; a browser ends lines with two characters, and we with one."""
        texts: dict[str, list[str]] = {}
        for name, value in items:
            if isinstance(value, str):
                texts.setdefault(name, []).append(_LINE_ENDS.sub("\n", value))
        return cls(texts)

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> tuple[str, ...]:
        return self._texts.get(name, ())

    def __contains__(self, name: str) -> bool:
        return name in self._texts

    def items(self) -> Iterator[tuple[str, str]]:
        """As a browser would send them."""
        for name, values in self._texts.items():
            yield from ((name, value) for value in values)

    def replaced(self, texts: Mapping[str, Iterable[str]]) -> FormValues:
        """With other texts for some names."""
        return FormValues({**self._texts, **texts})

    @property
    def task_type(self) -> TaskType | None:
        """The type chosen; None: none of ours."""
        return task_type_of(self.first("task_type"))


def task_type_of(text: str) -> TaskType | None:
    """The type that a text names."""
    return next((one for one in TASK_TYPES if one == text), None)


def first_spec(task_type: TaskType) -> TaskSpec:
    """A task with the type's defaults; what a person has to give is a stand-in."""
    return parse_task(
        {
            "name": "-",
            "task_type": task_type,
            "cron_expression": _FIRST_SCHEDULES[task_type],
            "parameters": {"type": task_type, **_LEAST[task_type]},
        }
    )


def first_values(task_type: TaskType) -> FormValues:
    """A new form: with the type's defaults, and a schedule to begin with."""
    values = values_of(first_spec(task_type).model_dump(mode="json"))
    blank = {f"parameters.{name}": () for name in _LEAST[task_type] if name not in _KEPT}
    return values.replaced({"name": (), **blank})


def values_of(document: Mapping[str, Any], target_name: str | None = None) -> FormValues:
    """The texts that stand for a task's whole document.

    Args:
        document: as JSON, with its defaults.
        target_name: of its device or group; people read no ids.
    """
    task_type: TaskType = document["task_type"]
    texts = {field.path: _texts(field, _at(document, field.path)) for field in fields_of(task_type)}
    if target_name is not None:
        texts["parameters.target_id"] = (target_name,)
    if task_type == "custom_script":
        stored = document["parameters"].get("script_id") is not None
        texts[SCRIPT_SOURCE] = ("stored" if stored else "inline",)
    return FormValues({"task_type": (task_type,), **texts})


def _at(document: Mapping[str, Any], path: str) -> object:
    value: Any = document
    for name in path.split("."):
        value = value.get(name)
    return cast("object", value)


def _texts(field: Field, value: object) -> tuple[str, ...]:
    if field.kind == "flag":
        return (ON,) if value else ()
    if field.kind == "choices":
        every = tuple(name for name, _ in field.options)
        return every if value is None else tuple(cast("list[str]", value))
    if field.kind == "lines":
        return ("\n".join(map(_line, cast("list[str]", value))),)
    return ("" if value is None else str(value),)


def _line(argument: str) -> str:
    """The argument, in quotes as JSON has them when it could not be read back otherwise."""
    plain = argument.strip() == argument and argument.splitlines() == [argument]
    return argument if plain and not argument.startswith('"') else json.dumps(argument)
