"""The small parts: fitting, cleaning, schemas, limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from netstacks_tasks.models.parameters import AgentTaskParameters
from netstacks_tasks.operations.agent.answer import Answer, answer_tool
from netstacks_tasks.operations.agent.cleaning import Cleaner, visible
from netstacks_tasks.operations.agent.fitting import TRUNCATED, as_json, fitted
from netstacks_tasks.operations.agent.limits import AgentLimits
from netstacks_tasks.operations.redaction import Redactor

ROWS = [{"device": f"r{number}", "text": "x" * 20} for number in range(100)]
JSON = st.recursive(
    st.text(max_size=200) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=20), inner),
    max_leaves=60,
)


def test_what_fits_is_not_touched() -> None:
    found = {"count": 2, "rows": ROWS[:2], "text": "ü"}
    assert fitted(found, 500, "ask for less") == as_json(found)
    assert "ü" in as_json(found)


def test_the_longest_list_loses_its_end_and_says_so() -> None:
    found = {"count": 100, "unreachable": ROWS[:3], "rows": ROWS}
    cut = json.loads(fitted(found, 2000, "ask for less"))
    assert cut["count"] == 100
    assert cut["unreachable"] == ROWS[:3]
    assert cut["rows"] == ROWS[: len(cut["rows"])]
    assert 20 < len(cut["rows"]) < 60
    left = len(ROWS) - len(cut["rows"])
    assert cut[TRUNCATED]["left_out"] == {"rows": f"{left} of 100 entries"}
    assert cut[TRUNCATED]["how_to_see_the_rest"] == "ask for less"


def test_a_text_loses_its_end_and_two_long_things_share() -> None:
    cut = json.loads(fitted({"output": "line\n" * 5000}, 3000, "less"))
    assert 2000 < len(cut["output"]) < 2600
    assert "of 25000 characters" in cut[TRUNCATED]["left_out"]["output"]
    cut = json.loads(fitted({"down": ROWS, "rows": ROWS}, 3000, "less"))
    assert len(cut["down"]) > 10
    assert len(cut["rows"]) > 10


@given(st.dictionaries(st.text(max_size=20), JSON, max_size=8), st.integers(500, 3000))
def test_it_is_json_and_never_longer_than_allowed(found: Mapping[str, Any], most: int) -> None:
    text = fitted(found, most, "name one device or a group")
    assert len(text) <= most
    assert isinstance(json.loads(text), dict)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain", "plain"),
        ("two\nlines\tand ü 漢 🙂", "two\nlines\tand ü 漢 🙂"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07text", "red text"),
        ("a\x00b\rc\x7fd", "abcd"),
        ("zero\u200bwidth \u202eback \U000e0041tag \ue000", "zerowidth back tag "),
    ],
)
def test_what_nobody_sees_is_taken_out(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_every_text_of_a_value_is_cleaned() -> None:
    redactor = Redactor()
    redactor.hide(SecretStr("canary"))
    value = {"a canary": ["canary", {"deep": ("canary", 1, None, True, 2.5)}]}
    assert Cleaner(redactor).plain(value) == {
        "a <hidden>": ["<hidden>", {"deep": ["<hidden>", 1, None, True, 2.5]}]
    }


def test_schemas_have_no_references() -> None:
    text = json.dumps(answer_tool())
    assert "$ref" not in text
    assert "$defs" not in text
    assert "maxLength" not in text
    finding = answer_tool()["function"]["parameters"]["properties"]["findings"]["items"]
    assert finding["properties"]["severity"]["enum"] == ["critical", "warning", "info"]
    assert set(finding["required"]) == {"severity", "evidence", "tool_call"}


@pytest.mark.parametrize(
    ("said", "word"),
    [(0.9, "high"), (0.5, "medium"), (0, "low"), (1, "high"), (" Medium ", "medium")],
)
def test_a_share_is_confidence_too(said: object, word: str) -> None:
    assert Answer.model_validate({"summary": "s", "confidence": said}).confidence == word


def test_the_limits_are_those_that_the_schema_tells() -> None:
    usual = AgentLimits()
    told = {
        name: str(AgentTaskParameters.model_fields[f"max_{name}"].description)
        for name in ("turns", "tokens", "tool_calls", "tool_output")
    }
    for name, description in told.items():
        assert f" {getattr(usual, name)} unless given." in description
    parameters = AgentTaskParameters(
        type="agent_task", prompt="?", max_turns=3, max_tool_output=500
    )
    assert AgentLimits.of(parameters) == AgentLimits(turns=3, tool_output=500)
