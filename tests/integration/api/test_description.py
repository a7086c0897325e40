"""The API's description is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from netstacks_tasks.serving.application import application
from netstacks_tasks.wiring import NetStacks
from tests.integration.api.world import EXAMPLES


def _unopened() -> AbstractAsyncContextManager[NetStacks]:
    raise AssertionError("nothing is asked for")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return application(_unopened).openapi()


def operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_openapi_3_1_and_refers_to_what_is_there(description: dict[str, Any]) -> None:
    Draft202012Validator(OPENAPI_31).validate(description)
    text = json.dumps(description)
    for kind, found in description["components"].items():
        for name, schema in found.items():
            if kind == "schemas":
                Draft202012Validator.check_schema(schema)
            text = text.replace(f'"#/components/{kind}/{name}"', "")
    assert '"#/' not in text


def test_every_operation_says_all_about_itself(description: dict[str, Any]) -> None:
    seen = set()
    for name, operation in operations(description):
        assert {"operationId", "summary", "description", "tags", "security"} <= operation.keys(), (
            name
        )
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        answers = operation["responses"]
        assert {"401", "403", "503"} <= answers.keys(), name
        assert any(status.startswith("2") for status in answers), name
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (name, parameter["name"])
        for answer in answers.values():
            assert answer.get("description", answer.get("$ref")) != "Successful Response", name
    assert "HTTPValidationError" not in json.dumps(description)


def test_the_schema_of_a_new_task_takes_the_examples(description: dict[str, Any]) -> None:
    whole = {"$ref": "#/components/schemas/NewTask", "components": description["components"]}
    validator = Draft202012Validator(whole)
    for example in EXAMPLES:
        validator.validate(example)
        assert not validator.is_valid({**example, "parameters": {}})
        assert not validator.is_valid({**example, "colour": "red"})
