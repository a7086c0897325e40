"""What a task may let its script use, and what its first line may say."""

from __future__ import annotations

import pytest

from netstacks_tasks.models.json_schema import task_json_schema
from netstacks_tasks.models.parameters import CustomScriptParameters
from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.operations.script.limits import ScriptLimits
from tests.unit.models.documents import custom_script, faults

BOUNDS = {
    "max_cpu_seconds": (1, 86_400),
    "max_memory_mib": (32, 65_536),
    "max_processes": (8, 4096),
    "max_open_files": (16, 65_536),
    "max_disk_mib": (1, 65_536),
    "max_output_kib": (1, 65_536),
}


def limits(**given: int) -> ScriptLimits:
    parameters = parse_task(custom_script(given)).parameters
    assert isinstance(parameters, CustomScriptParameters)
    return ScriptLimits.of(parameters)


def test_a_task_without_limits_has_the_defaults() -> None:
    assert limits() == ScriptLimits()


def test_every_limit_of_a_task_reaches_its_script() -> None:
    given = {name: 99 + place for place, name in enumerate(BOUNDS)}
    found = limits(**given)
    assert {f"max_{name}": getattr(found, name) for name in found.__slots__} == given


@pytest.mark.parametrize(("name", "bounds"), BOUNDS.items())
def test_each_has_bounds_that_the_schema_tells(name: str, bounds: tuple[int, int]) -> None:
    least, most = bounds
    for value in bounds:
        limits(**{name: value})
    assert faults(custom_script({name: least - 1})).keys() == {f"parameters.{name}"}
    assert faults(custom_script({name: most + 1})).keys() == {f"parameters.{name}"}
    assert "without quotes" in faults(custom_script({name: "64"}))[f"parameters.{name}"]
    field = task_json_schema()["$defs"]["CustomScriptParameters"]["properties"][name]
    told = next((one for one in field.get("anyOf", ()) if one["type"] == "integer"), field)
    assert (told["minimum"], told["maximum"]) == bounds


@pytest.mark.parametrize(
    ("interpreter", "line"),
    [
        ("python", "#!/usr/bin/env python3"),
        ("python", "#!/usr/bin/python3.12 -u"),
        ("python", "\ufeff#! /usr/bin/env -S python"),
        ("bash", "#!/bin/sh"),
        ("bash", "#!bash -e"),
        ("bash", "#!"),
        ("python", "# a comment: #!/bin/bash"),
        ("python", "print('#!/bin/bash')"),
    ],
)
def test_a_first_line_that_agrees_is_taken(interpreter: str, line: str) -> None:
    parse_task(custom_script({"script": f"{line}\nx\n", "interpreter": interpreter}))


@pytest.mark.parametrize(
    ("interpreter", "line"),
    [
        ("python", "#!/bin/bash"),
        ("bash", "#!/usr/bin/env python3"),
        ("python", "#!/usr/bin/perl -w"),
        ("bash", "\ufeff#!/usr/bin/env -S expect -f"),
    ],
)
def test_one_that_names_another_program_is_refused(interpreter: str, line: str) -> None:
    found = faults(custom_script({"script": f"{line}\nx\n", "interpreter": interpreter}))
    assert found.keys() == {"parameters.interpreter"}
    assert "change one of them" in found["parameters.interpreter"]
