"""Model endpoints on a real Prefect server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from .conftest import Done, Netstacks

if TYPE_CHECKING:
    from netstacks_tasks.embedded.stack import Stack

Call = Callable[..., Done]
URL = "http://127.0.0.1:9/v1"


@pytest.fixture
def prefect(prefect_stack: Stack) -> dict[str, str]:
    return {"PREFECT_API_URL": prefect_stack.api_url}


@pytest.fixture
def call(netstacks: Netstacks, prefect: dict[str, str]) -> Call:
    return lambda *words, text="": netstacks("model", *words, text=text, **prefect)


def key_of(name: str) -> str:
    """The key in a model's block."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        found = client.read_block_document_by_name(
            name, "netstacks-model-endpoint", include_secrets=True
        )
    return str(found.data["api_key"])


def answer(done: Done) -> Any:  # noqa: ANN401 - JSON
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_model_is_set_changed_listed_and_removed(
    call: Call, netstacks: Netstacks, prefect: dict[str, str]
) -> None:
    name = f"model-{uuid4().hex[:8]}"
    new = ("set", name, "--base-url", URL, "--model", "tiny", "--key-from", "-", "--json")
    saved = answer(call(*new, text="canary-key\n"))
    assert (saved["name"], saved["base_url"], saved["tool_choice"]) == (name, URL, "auto")
    away = ("--base-url", "http://llm.example.net/v1")
    assert "can be read on the way" in call("set", name, *away).stderr
    words = ("--base-url", URL, "--tool-choice", "required", "--prices", "0.25,2,EUR")
    again = call("set", name, *words, "--json")
    assert again.stderr == ""
    changed = answer(again)
    assert (changed["model"], changed["tool_choice"]) == ("tiny", "required")
    assert (changed["input_price"], changed["output_price"], changed["currency"]) == (
        0.25,
        2,
        "EUR",
    )
    assert key_of(name) == "canary-key", "what is not given stays, the key too"
    listed = call("list")
    (line,) = [line for line in listed.stdout.splitlines() if line.startswith(name)]
    assert line.split()[1:] == [URL, "tiny", "required", "60.0"]
    assert "canary" not in str(saved) + str(changed) + listed.stdout + listed.stderr

    question = {
        "name": "Ask",
        "task_type": "agent_task",
        "cron_expression": "@daily",
        "parameters": {"type": "agent_task", "prompt": "How are we?", "model_block": name},
    }
    netstacks("task", "create", "-f", "-", text=json.dumps(question))
    used = call("remove", name, "--yes")
    assert used.returncode == 2
    assert "is used by the task 'Ask': change it first" in used.stderr
    change = f"parameters.model_block=not-{name}"
    assert netstacks("task", "update", "Ask", "--set", change).returncode == 0
    findings = json.loads(netstacks("doctor", "--json", **prefect).stdout)["findings"]
    (missing,) = [one for one in findings if one["subject"] == f"model not-{name}"]
    assert missing["status"] == "fail"
    assert missing["mend"].startswith(f"netstacks model set not-{name}")
    assert netstacks("task", "delete", "Ask", "--yes").returncode == 0
    assert answer(call("remove", name, "--yes", "--json")) == {"deleted": name, "kind": "model"}
    gone = call("remove", name, "--yes")
    assert gone.returncode == 2
    assert f"no model '{name}': `netstacks model list` shows what there is" in gone.stderr


def test_a_new_model_needs_its_address_and_its_name(call: Call) -> None:
    name = f"model-{uuid4().hex[:8]}"
    refused = call("set", name, "--base-url", URL)
    assert refused.returncode == 2, refused.stderr
    assert "--model: needed for a new block" in refused.stderr


@pytest.mark.parametrize(
    ("words", "text", "said"),
    [
        (("a-b", "--prices", "cheap"), "", "--prices: write two numbers"),
        (("a-b", "--key-from", "-"), "canary key", "must hold the key alone"),
        (("a-b", "--key-from", "-"), "", "must hold the key alone"),
        (("a-b", "--tool-choice", "any"), "", "tool-choice"),
        (("My Model",), "", "lower-case letters, digits and single dashes"),
    ],
)
def test_what_is_wrong_is_told_before_prefect_is_asked(
    netstacks: Netstacks, words: tuple[str, ...], text: str, said: str
) -> None:
    refused = netstacks("model", "set", *words, text=text)
    assert refused.returncode == 2, refused.stderr
    assert said in refused.stderr
    assert "canary" not in refused.stderr
