from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from netstacks_tasks.models.json_schema import task_json_schema
from netstacks_tasks.models.task_spec import TASK_TYPES, TaskSpec, parse_task
from tests.unit.models.documents import EXAMPLES, ID, backup, custom_script, health_check

SCHEMA = task_json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def test_it_is_a_schema_and_json() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_examples_and_what_is_written_of_them_fit(path: Path) -> None:
    text = path.read_text("utf-8")
    VALIDATOR.validate(json.loads(text))
    VALIDATOR.validate(json.loads(parse_task(text).model_dump_json()))


def test_a_form_finds_the_fields_of_each_type() -> None:
    discriminator = SCHEMA["properties"]["parameters"]["discriminator"]
    assert discriminator["propertyName"] == "type"
    assert set(discriminator["mapping"]) == set(TASK_TYPES)
    for kind, reference in discriminator["mapping"].items():
        definition = SCHEMA["$defs"][reference.removeprefix("#/$defs/")]
        assert definition["properties"]["type"]["const"] == kind


def test_every_field_is_titled_and_described() -> None:
    owners = [SCHEMA, *SCHEMA["$defs"].values()]
    fields = [
        (name, field)
        for owner in owners
        for name, field in owner["properties"].items()
        if name not in {"type", "parameters"}
    ]
    assert len(fields) > 25
    assert [name for name, field in fields if not field.get("title")] == []
    assert [name for name, field in fields if not field.get("description")] == []
    assert all(owner["description"] and owner["title"] for owner in owners)


def test_a_form_finds_the_defaults() -> None:
    properties = SCHEMA["properties"]
    assert properties["max_retries"]["default"] == 3
    assert properties["retry_delay_seconds"]["default"] == 60
    assert properties["timeout_seconds"]["x-default-by-task-type"]["backup"] == 600
    assert properties["missed_runs"]["x-default-by-task-type"]["deployment"] == "skip"
    assert SCHEMA["required"] == ["name", "task_type", "cron_expression", "parameters"]
    assert set(properties) == set(TaskSpec.model_fields)


@pytest.mark.parametrize(
    ("document", "fits"),
    [
        (backup(max_retries=-1), False),
        (backup(timeout_seconds=0), False),
        (backup(colour="red"), False),
        (backup(name="x" * 201), False),
        (backup(task_type="health_check"), False),
        (backup({"type": "bakup"}), False),
        (backup({"colour": "red"}), False),
        (backup({"target_id": ...}), False),
        (health_check({"checks": []}), False),
        (health_check({"checks": ["ping", "ping"]}), False),
        (health_check({"target_id": ID}), False),
        (health_check({"target_type": "device"}), False),
        (health_check({"target_type": None}), True),
        (health_check({"target_type": "device", "target_id": ID}), True),
        (custom_script({"script": ...}), False),
        (custom_script({"script_id": ID}), False),
        (custom_script({"script": None, "script_id": ID}), True),
        (custom_script({"script_id": None}), True),
        (custom_script({"target_id": ...}), False),
    ],
)
def test_it_refuses_what_is_refused(document: dict[str, Any], fits: bool) -> None:
    assert VALIDATOR.is_valid(document) is fits
    if fits:
        parse_task(document)
