"""A form says the same as the document, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netstacks_tasks.models.task_spec import TASK_TYPES, TaskType, parse_task
from netstacks_tasks.web.forms.advice import guidance
from netstacks_tasks.web.forms.conflicts import merged
from netstacks_tasks.web.forms.documents import document_of
from netstacks_tasks.web.forms.fields import PARAMETERS, fields_of
from netstacks_tasks.web.forms.switching import switched
from netstacks_tasks.web.forms.values import FormValues, first_values, values_of
from netstacks_tasks.web.forms.zones import suggestions

SOME: Final = str(UUID(int=7))
TARGET: Final = {"target_type": "device", "target_id": SOME}
# Every parameter, none of them at its default.
WHOLE: Final[Mapping[TaskType, Mapping[str, Any]]] = {
    "deployment": {"stack_instance_id": SOME, "dry_run": True},
    "backup": {**TARGET, "destination": "a/b", "credential_id": SOME},
    "health_check": {**TARGET, "credential_id": SOME, "checks": ["ssh"], "max_failed_devices": 3},
    "custom_script": {
        **TARGET,
        "script": "\necho 'a'\n\n",
        "interpreter": "bash",
        "credential_id": SOME,
        "arguments": ["--x", '"quoted"', " spaces ", "", "two\nlines"],
        "max_cpu_seconds": 9,
        "max_memory_mib": 99,
        "max_processes": 98,
        "max_open_files": 97,
        "max_disk_mib": 96,
        "max_output_kib": 95,
    },
    "agent_task": {
        "prompt": "\n What?\n",
        "model_block": "other",
        "tools": ["bgp_neighbours", "config_diff"],
        "max_turns": 3,
        "max_tokens": 1000,
        "max_tool_calls": 5,
        "max_tool_output": 600,
        "temperature": 0.25,
    },
}
SCHEDULED: Final = {
    "name": "Nightly",
    "cron_expression": "5 4 * * 1-5",
    "timezone": "Europe/Berlin",
    "enabled": False,
    "max_retries": 0,
    "retry_delay_seconds": 7,
    "timeout_seconds": 77,
    "missed_runs": "run_all",
    "missed_window_seconds": 3600,
}


def document(task_type: TaskType, **parameters: object) -> dict[str, Any]:
    told = {"type": task_type, **WHOLE[task_type], **parameters}
    spec = parse_task({**SCHEDULED, "task_type": task_type, "parameters": told})
    return spec.model_dump(mode="json")


def sent_by_browser(values: FormValues) -> FormValues:
    """With the line ends that browsers send."""
    return FormValues.sent((name, text.replace("\n", "\r\n")) for name, text in values.items())


@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_a_form_keeps_all_of_a_document(task_type: TaskType) -> None:
    known = {field.path.removeprefix("parameters.") for field in PARAMETERS[task_type]}
    asked_for = set(document(task_type)["parameters"]) - {"type"}
    assert known == asked_for | ({"script_id"} if task_type == "custom_script" else set())
    typed = sent_by_browser(values_of(document(task_type)))
    assert parse_task(document_of(typed, task_type)) == parse_task(document(task_type))


@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_what_is_left_empty_is_left_to_the_defaults(task_type: TaskType) -> None:
    given_only = first_values(task_type).replaced(
        {field.path: () for field in fields_of(task_type) if field.kind == "number"}
    )
    assert not {"max_retries", "timeout_seconds", "max_memory_mib"} & set(
        _flat(document_of(given_only, task_type))
    )
    whole = document_of(first_values(task_type), task_type)
    plain = parse_task(
        {**whole, "name": "x", "parameters": {"type": task_type, **WHOLE[task_type]}}
    )
    assert plain.enabled
    assert whole["timeout_seconds"] == plain.timeout_seconds
    assert "tools" not in whole["parameters"]


def _flat(whole: Mapping[str, Any]) -> list[str]:
    return [*whole, *whole["parameters"]]


STORABLE: Final = st.characters(codec="utf-8", exclude_characters="\x00")


@given(st.lists(st.text(STORABLE, max_size=8), max_size=4))
def test_any_arguments_stay_as_they_are(arguments: list[str]) -> None:
    typed = values_of(document("custom_script", arguments=arguments))
    read = document_of(sent_by_browser(typed), "custom_script")["parameters"]
    assert read.get("arguments", []) == arguments


def test_another_type_keeps_what_was_typed_and_brings_its_own_defaults() -> None:
    typed = first_values("backup").replaced(
        {"name": ("Core",), "max_retries": ("9",), "parameters.destination": ("a/b",)}
    )
    health = switched(typed, "backup", "health_check")
    assert (health.first("name"), health.first("max_retries")) == ("Core", "9")
    assert health.first("timeout_seconds") == "120"
    assert health.all("parameters.checks") == ("ping", "ssh", "snmp_sysname")
    unchecked = health.replaced({"parameters.checks": ("ping",)})
    again = switched(switched(unchecked, "health_check", "backup"), "backup", "health_check")
    assert again.all("parameters.checks") == ("ping",)
    assert again.first("parameters.destination") == "a/b"


def test_of_two_edits_both_are_kept_where_they_do_not_meet() -> None:
    base = values_of(document("backup"), "r1")
    theirs = base.replaced({"timezone": ("UTC",), "max_retries": ("5",), "name": ("Theirs",)})
    yours = base.replaced({"enabled": ("true",), "name": ("Yours",), "timezone": ("UTC",)})
    found = merged(base, theirs, yours, "backup", {})
    said = {one.field.path: (one.before, one.theirs, one.yours, one.changed_by)
            for one in found.differences}  # fmt: skip
    assert said == {
        "name": ("Nightly", "Theirs", "Yours", "both"),
        "enabled": ("no", "no", "yes", "you"),
        "max_retries": ("0", "5", "0", "they"),
    }
    assert [found.values.first(name) for name in ("name", "enabled", "max_retries")] == [
        "Yours",
        "true",
        "5",
    ]


def test_a_target_is_taken_from_one_person_only() -> None:
    base = values_of(document("backup"), "r1")
    theirs = base.replaced(
        {"parameters.target_type": ("device_group",), "parameters.target_id": ("core",)}
    )
    yours = base.replaced({"parameters.target_id": ("r2",)})
    found = merged(base, theirs, yours, "backup", {}).values
    target = [found.first(f"parameters.target_{part}") for part in ("type", "id")]
    assert target == ["device", "r2"]


def test_a_zone_is_found_as_people_name_it() -> None:
    names = [zone.name for zone in suggestions("new york", (), "", 5)]
    assert names == ["America/New_York"]
    assert [zone.name for zone in suggestions("LONDON", (), "", 5)] == ["Europe/London"]
    near = suggestions("", ("Asia/Tokyo", "No/Where"), "Europe/Berlin", 4)
    assert [zone.name for zone in near[:3]] == ["Europe/Berlin", "Asia/Tokyo", "UTC"]
    assert near[1].note == "UTC+09:00, in use here"


def test_guidance_comes_before_the_rest_is_right() -> None:
    half = {"task_type": "backup", "timeout_seconds": 60, "cron_expression": "?", "parameters": {}}
    assert "600 is advised" in guidance(half, 57)[0]
    assert guidance(half, 49) == ()
    assert guidance({**half, "timeout_seconds": "abc"}, 57) == ()
