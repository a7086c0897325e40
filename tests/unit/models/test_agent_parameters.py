from __future__ import annotations

from typing import Any

import pytest

from netstacks_tasks.models.parameters import AgentTaskParameters
from netstacks_tasks.models.task_spec import parse_task
from tests.unit.models.documents import example, faults


def question(**parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - of the type
    document = example("agent")
    document["parameters"] |= parameters
    return document


def test_the_example_has_every_tool_and_the_usual_limits() -> None:
    parameters = parse_task(example("agent")).parameters
    assert isinstance(parameters, AgentTaskParameters)
    assert parameters.tools is None
    assert parameters.max_turns is None
    assert parameters.model_block is None


@pytest.mark.parametrize(
    ("parameters", "field", "told"),
    [
        ({"prompt": "  \n"}, "prompt", "must not be blank"),
        ({"prompt": ""}, "prompt", "must not be empty"),
        ({"prompt": "x" * 40_000}, "prompt", "at most 32768 characters"),
        ({"prompt": 7}, "prompt", "must be text"),
        ({"tools": []}, "tools", "give at least one"),
        ({"tools": ["inventory"]}, "tools.0", "must be 'list_devices', 'device_facts'"),
        ({"tools": ["list_devices", "configure"]}, "tools.1", "got 'configure'"),
        ({"tools": ["list_devices"] * 2}, "tools", "names 'list_devices' twice"),
        ({"tools": "list_devices"}, "tools", "must be a list"),
        ({"max_turns": 0}, "max_turns", "at least 1"),
        ({"max_turns": "5"}, "max_turns", "whole number"),
        ({"max_tokens": 0}, "max_tokens", "at least 1"),
        ({"max_tool_calls": -1}, "max_tool_calls", "at least 1"),
        ({"max_tool_output": 100}, "max_tool_output", "at least 500"),
        ({"temperature": 3}, "temperature", "at most 2"),
        ({"temperature": float("nan")}, "temperature", "finite"),
        ({"model_block": "My Model"}, "model_block", "lower-case letters, digits"),
        ({"model_block": ""}, "model_block", "must not be empty"),
        ({"model": "gpt"}, "model", "did you mean model_block?"),
        ({"api_key": "canary"}, "api_key", "unknown field"),
        ({"target_id": None}, "target_id", "unknown field"),
    ],
)
def test_what_is_wrong_is_told_with_its_field_and_its_fix(
    parameters: dict[str, Any], field: str, told: str
) -> None:
    found = faults(question(**parameters))
    assert list(found) == [f"parameters.{field}"]
    assert told in found[f"parameters.{field}"]
    assert "canary" not in str(found)


@pytest.mark.parametrize(
    "parameters",
    [
        {"tools": ["bgp_neighbours"], "max_turns": 1, "max_tokens": 1, "max_tool_calls": 1},
        {"temperature": 0, "model_block": "cloud-2", "max_tool_output": 500},
        {"tools": None, "temperature": None},
    ],
)
def test_what_is_right_is_taken(parameters: dict[str, Any]) -> None:
    spec = parse_task(question(**parameters))
    assert parse_task(spec.model_dump_json()) == spec
