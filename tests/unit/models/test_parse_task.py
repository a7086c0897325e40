from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.parameters import (
    AgentTaskParameters,
    BackupParameters,
    CustomScriptParameters,
    DeploymentParameters,
    HealthCheckParameters,
)
from netstacks_tasks.models.task_spec import DEFAULT_TIMEOUTS, TASK_TYPES, parse_task
from tests.unit.models.documents import EXAMPLES, ID, backup, example, faults, health_check

SHARED = Path(__file__).parents[4] / "shared" / "examples"
FILES = [*sorted(EXAMPLES.glob("*.json")), *sorted(SHARED.glob("*.json"))]

LEAST: dict[str, dict[str, object]] = {
    "deployment": {"stack_instance_id": ID},
    "backup": {"target_type": "device", "target_id": ID, "destination": "a"},
    "health_check": {"credential_id": ID, "checks": ["ping"]},
    "custom_script": {"script": "print(1)"},
    "agent_task": {"prompt": "How are we?"},
}


def least(task_type: str) -> dict[str, object]:
    """A task of only what is required."""
    return {
        "name": "Least",
        "task_type": task_type,
        "cron_expression": "@daily",
        "parameters": {"type": task_type, **LEAST[task_type]},
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}/{path.name}")
def test_an_example_loads_unchanged_and_comes_back_the_same(path: Path) -> None:
    text = path.read_text("utf-8")
    document = json.loads(text)
    spec = parse_task(text)
    written = json.loads(spec.model_dump_json())
    assert {name: written[name] for name in document if name != "parameters"} == {
        name: value for name, value in document.items() if name != "parameters"
    }
    assert document["parameters"].items() <= written["parameters"].items()
    assert parse_task(spec.model_dump_json()) == spec
    assert parse_task(spec.model_dump(mode="python")) == spec
    assert parse_task(path.read_bytes()) == spec


def test_every_type_has_an_example() -> None:
    assert {parse_task(path.read_text("utf-8")).task_type for path in FILES} == set(TASK_TYPES)


@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_defaults(task_type: str) -> None:
    spec = parse_task(least(task_type))
    assert (spec.id, spec.timezone, spec.enabled) == (None, "UTC", True)
    assert (spec.max_retries, spec.retry_delay_seconds) == (3, 60)
    assert spec.timeout_seconds == DEFAULT_TIMEOUTS[task_type]
    assert spec.missed_runs == ("skip" if task_type == "deployment" else "run_latest")
    assert spec.missed_window_seconds is None
    assert parse_task(spec.model_dump_json()) == spec


def test_timeouts_by_type() -> None:
    assert DEFAULT_TIMEOUTS == {
        "backup": 600,
        "health_check": 120,
        "deployment": 900,
        "custom_script": 300,
        "agent_task": 300,
    }


def test_parameters_are_what_their_type_says() -> None:
    found = [type(parse_task(least(kind)).parameters) for kind in TASK_TYPES]
    assert found == [
        DeploymentParameters,
        BackupParameters,
        HealthCheckParameters,
        CustomScriptParameters,
        AgentTaskParameters,
    ]


def test_the_script_runs_in_python_unless_told() -> None:
    parameters = parse_task(least("custom_script")).parameters
    assert isinstance(parameters, CustomScriptParameters)
    assert parameters.interpreter == "python"


@pytest.mark.parametrize("value", [0, 1, 2_147_483_647])
def test_limits_are_taken(value: int) -> None:
    spec = parse_task(
        backup(max_retries=value, retry_delay_seconds=value, timeout_seconds=max(value, 1))
    )
    assert (spec.max_retries, spec.retry_delay_seconds) == (value, value)


def test_null_stands_for_what_is_left_out() -> None:
    with_nulls = health_check(
        {"target_type": None, "target_id": None}, missed_window_seconds=None, id=None
    )
    assert parse_task(with_nulls) == parse_task(health_check())


def test_an_id_may_be_given() -> None:
    assert parse_task(backup(id=ID)).id == UUID(ID)


def test_an_update_changes_what_is_named_and_nothing_else() -> None:
    spec = parse_task(backup(id=ID))
    changed = spec.updated({"enabled": False, "timezone": "Asia/Kolkata"})
    assert changed == spec.model_copy(update={"enabled": False, "timezone": "Asia/Kolkata"})
    assert spec.enabled


def test_an_update_can_take_out_what_is_optional() -> None:
    spec = parse_task(backup(missed_window_seconds=60))
    assert spec.updated({"missed_window_seconds": None}).missed_window_seconds is None


def test_an_update_replaces_parameters_as_a_whole() -> None:
    spec = parse_task(backup({"credential_id": ID}))
    changed = spec.updated({"parameters": backup()["parameters"]})
    assert isinstance(changed.parameters, BackupParameters)
    assert changed.parameters.credential_id is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"max_retries": -1}, "max_retries"),
        ({"task_type": "health_check"}, "parameters.type"),
        ({"parameters": {"destination": "b"}}, "parameters.type"),
        ({"colour": "red"}, "colour"),
        ({"cron_expression": "61 * * * *"}, "cron_expression"),
        ({"name": None}, "name"),
    ],
)
def test_an_update_is_checked_like_a_new_task(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_task(backup()).updated(changes)
    assert [problem.field for problem in caught.value.problems] == [field]


@pytest.mark.parametrize(
    ("document", "devices", "words"),
    [
        (backup(timeout_seconds=599), 50, ["600", "50 devices"]),
        (backup(timeout_seconds=599), 49, []),
        (backup(timeout_seconds=599), None, []),
        (backup(timeout_seconds=600), 5000, []),
        (health_check(timeout_seconds=119), None, ["120"]),
        (health_check(timeout_seconds=120), 5000, []),
        (backup(cron_expression="0 2 1,15,30 * *"), None, ["March"]),
        (backup(cron_expression="0 2 1,15,30 4-9 *"), None, []),
        (backup(cron_expression="0 2 */3 * *"), None, ["March"]),
        (backup(cron_expression="0 2 */2 * *"), None, []),
        (backup(cron_expression="0 2 1-31 * 1"), None, []),
        (backup(cron_expression="0 2 L * *"), None, []),
    ],
)
def test_guidance(document: dict[str, object], devices: int | None, words: list[str]) -> None:
    advice = " ".join(parse_task(document).guidance(devices))
    assert all(word in advice for word in words)
    assert bool(advice) == bool(words)


def test_all_faults_are_told_at_once() -> None:
    found = faults(
        {
            **example("backup"),
            "name": "",
            "task_type": "health_check",
            "cron_expression": "61 * * * *",
            "timezone": "Mars",
            "max_retries": -1,
            "timeout_seconds": 0,
            "colour": "red",
            "parameters": {"type": "backup", "destination": "../x", "target_id": "nobody"},
        }
    )
    assert set(found) == {
        "name",
        "cron_expression",
        "timezone",
        "max_retries",
        "timeout_seconds",
        "colour",
        "parameters.type",
        "parameters.destination",
        "parameters.target_id",
        "parameters.target_type",
    }


def test_contradictions_are_told_beside_other_faults() -> None:
    document = health_check({"target_id": ID, "colour": "red"}, name="a/b")
    assert set(faults(document)) == {"name", "parameters.colour", "parameters.target_type"}


def test_more_faults_than_a_person_reads_are_counted() -> None:
    found = faults({**example("backup"), **{f"x{number}": 1 for number in range(80)}})
    assert len(found) == 51
    assert found[""] == "and 30 more faults"


def test_no_message_is_longer_than_a_page() -> None:
    huge = "x" * 2**20
    document = backup(
        {"destination": huge, "target_id": huge, huge: 1},
        name=huge,
        cron_expression=huge,
        timezone=huge,
        missed_runs=huge,
        max_retries=10**5000,
        **{huge: huge},
    )
    with pytest.raises(InvalidInput) as caught:
        parse_task(document)
    assert len(caught.value.problems) == 9
    assert len(str(caught.value)) < 3000
