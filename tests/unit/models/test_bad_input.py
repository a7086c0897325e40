"""Each wrong document is refused with one message that names the field and the fix."""

from __future__ import annotations

from typing import Any

import pytest

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.documents import MAX_CHARACTERS, read_document
from netstacks_tasks.models.task_spec import parse_task
from tests.unit.models.documents import ID, backup, custom_script, faults, health_check

NUMBERS = ("max_retries", "retry_delay_seconds", "timeout_seconds", "missed_window_seconds")


@pytest.mark.parametrize("field", NUMBERS)
@pytest.mark.parametrize(
    "value", [True, False, "3", 1.0, 1.5, [], {}, "", 2**31, 10**400, -(2**31)]
)
def test_a_number_is_a_whole_number_that_fits(field: str, value: object) -> None:
    message = faults({**backup(), field: value})
    assert list(message) == [field]
    assert "must be" in message[field]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"max_retries": -1}, "max_retries", "at least 0"),
        ({"retry_delay_seconds": -1}, "retry_delay_seconds", "at least 0"),
        ({"timeout_seconds": 0}, "timeout_seconds", "at least 1"),
        ({"missed_window_seconds": 0}, "missed_window_seconds", "at least 1"),
        ({"timeout_seconds": None}, "timeout_seconds", "got null"),
        ({"max_retries": float("nan")}, "max_retries", "finite"),
        ({"enabled": 1}, "enabled", "true or false"),
        ({"enabled": "true"}, "enabled", "true or false"),
        ({"enabled": None}, "enabled", "true or false"),
        ({"missed_runs": "all"}, "missed_runs", "'run_all'"),
        ({"name": ...}, "name", "required"),
        ({"name": ""}, "name", "empty"),
        ({"name": "  "}, "name", "blank"),
        ({"name": " a"}, "name", "space"),
        ({"name": "a\nb"}, "name", "line breaks"),
        ({"name": "a\u202eb"}, "name", "invisible"),
        ({"name": "x" * 201}, "name", "200"),
        ({"name": "x" * 2**20}, "name", "200"),
        ({"name": 5}, "name", "text"),
        ({"task_type": ...}, "task_type", "required"),
        ({"task_type": "bakup"}, "task_type", "'backup'"),
        ({"task_type": ["backup"]}, "task_type", "'backup'"),
        ({"task_type": "health_check"}, "parameters.type", "'health_check': make them equal"),
        ({"cron_expression": ...}, "cron_expression", "required"),
        ({"cron_expression": 5}, "cron_expression", "text"),
        ({"timezone": None}, "timezone", "text"),
        ({"id": "one"}, "id", "UUID"),
        ({"parameters": ...}, "parameters", "required"),
        ({"parameters": None}, "parameters", "object"),
        ({"parameters": []}, "parameters", "object"),
        ({"max_retry": 1}, "max_retry", "did you mean max_retries?"),
        ({"cron": "@daily"}, "cron", "did you mean cron_expression?"),
        ({"Name": "x"}, "Name", "did you mean name?"),
        ({"zzz": 1}, "zzz", "known fields are"),
        ({"last_run_at": None}, "last_run_at", "read-only"),
        ({"revision": 1}, "revision", "read-only"),
    ],
)
def test_fields(changes: dict[str, Any], field: str, words: str) -> None:
    found = faults(backup(**changes))
    assert list(found) == [field]
    assert words in found[field]


@pytest.mark.parametrize("sign", list("/%&<>"))
def test_a_name_that_prefect_refuses(sign: str) -> None:
    assert sign in faults(backup(name=f"a{sign}b"))["name"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"type": ...}, "parameters.type", "add one of deployment, backup"),
        ({"type": "bakup"}, "parameters.type", "must be one of deployment, backup"),
        ({"type": 5}, "parameters.type", "must be one of"),
        ({"target_type": "group"}, "parameters.target_type", "'device_group'"),
        ({"target_type": ...}, "parameters.target_type", "required"),
        ({"target_id": "core"}, "parameters.target_id", "UUID"),
        ({"target_id": 7}, "parameters.target_id", "UUID"),
        ({"destinatoin": "a"}, "parameters.destinatoin", "did you mean destination?"),
        ({"checks": ["ping"]}, "parameters.checks", "unknown field"),
    ],
)
def test_parameters_of_a_backup(changes: dict[str, Any], field: str, words: str) -> None:
    found = faults(backup(changes))
    assert list(found) == [field]
    assert words in found[field]


@pytest.mark.parametrize(
    "path",
    [
        "../../etc", "..", ".", "a/../b", "a/..", "./a", "/etc", "//a", "a//b", "a/", "", "a\\b",
        "..\\..", "a b", "a\nb", "a\n", "~root", "C:/x", "$HOME", "a/%2e%2e/b", "ä", "a\u2215b",
        "x" * 201, 5, None, ["a"], "a/\uff0e\uff0e/b", "..%2f",
    ],
)  # fmt: skip
def test_a_destination_that_is_no_plain_path_below_the_root(path: object) -> None:
    found = faults(backup({"destination": path}))
    assert list(found) == ["parameters.destination"]
    assert found["parameters.destination"].startswith("must")


@pytest.mark.parametrize(
    "path", ["a", "config-snapshots/core-routers", "a.b/c_d/-", "x" * 200, "..."]
)
def test_a_destination_that_is_one(path: str) -> None:
    spec = parse_task(backup({"destination": path}))
    assert spec.model_dump()["parameters"]["destination"] == path


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"checks": []}, "parameters.checks", "empty"),
        ({"checks": ...}, "parameters.checks", "required"),
        ({"type": {}}, "parameters.type", "must be one of"),
        ({"checks": "ping"}, "parameters.checks", "list"),
        ({"checks": ["ping", "ping"]}, "parameters.checks", "name each once"),
        ({"checks": ["pong"]}, "parameters.checks.0", "'snmp_sysname'"),
        ({"checks": ["ping", 5]}, "parameters.checks.1", "'snmp_sysname'"),
        ({"checks": ["ping"] * 100_000}, "parameters.checks", "at most 3"),
        ({"credential_id": ...}, "parameters.credential_id", "required"),
        ({"target_id": ID}, "parameters.target_type", "required with target_id"),
        ({"target_type": "device"}, "parameters.target_id", "required with target_type"),
        ({"max_failed_devices": -1}, "parameters.max_failed_devices", "at least 0"),
        ({"max_failed_devices": True}, "parameters.max_failed_devices", "whole number"),
    ],
)
def test_parameters_of_a_health_check(changes: dict[str, Any], field: str, words: str) -> None:
    found = faults(health_check(changes))
    assert list(found) == [field]
    assert words in found[field]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"script": ...}, "parameters.script", "neither is given"),
        ({"script": None}, "parameters.script", "neither is given"),
        ({"script_id": ID}, "parameters.script", "both are given"),
        ({"script": ""}, "parameters.script", "empty"),
        ({"script": " \n"}, "parameters.script", "blank"),
        ({"script": "x" * 300_000}, "parameters.script", "262144 characters"),
        ({"script": "a\x00b"}, "parameters.script", "NUL"),
        ({"interpreter": "perl"}, "parameters.interpreter", "'bash'"),
        ({"arguments": "-v"}, "parameters.arguments", "list"),
        ({"arguments": [1]}, "parameters.arguments.0", "text"),
        ({"arguments": ["x"] * 101}, "parameters.arguments", "100 entries"),
        ({"target_type": ...}, "parameters.target_type", "required with target_id"),
    ],
)
def test_parameters_of_a_script(changes: dict[str, Any], field: str, words: str) -> None:
    found = faults(custom_script(changes))
    assert list(found) == [field]
    assert words in found[field]


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "a\ud800", "\udfffb"])
def test_what_postgresql_cannot_keep(text: str) -> None:
    for document, field in (
        (backup(name=text), "name"),
        (backup(timezone=text), "timezone"),
        (backup(cron_expression=text), "cron_expression"),
        (backup({"destination": text}), "parameters.destination"),
        (custom_script({"arguments": ["ok", text]}), "parameters.arguments.1"),
    ):
        assert "cannot be stored" in faults(document)[field]
    # A name is shown with a sign in place of what cannot be shown.
    [name] = faults({**backup(), text: 1})
    assert "\N{REPLACEMENT CHARACTER}" in name


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("", "", "is not JSON"),
        ("nope", "", "line 1 column 1"),
        ('{"name": "a",}', "", "line 1"),
        ("[]", "", "no JSON object"),
        ("null", "", "no JSON object"),
        ('"task"', "", "no JSON object"),
        (b"\xff\xfe", "", "UTF-8"),
        ('{"name": "a", "name": "b"}', "name", "given twice"),
        ('{"a": {"b": 1, "b": 2}}', "a.b", "given twice"),
        ('{"a": [{"b": 1, "b": 2}]}', "a.0.b", "given twice"),
        ('{"a": NaN}', "a", "finite"),
        ('{"a": [-Infinity]}', "a.0", "finite"),
        ('{"a": 1e999}', "a", "finite"),
        ('{"a": "\\u0000"}', "a", "NUL"),
        ('{"\\u0000": 1}', "\N{REPLACEMENT CHARACTER}", "no field name"),
        ('{"a": ' + "9" * 5000 + "}", "", "digits"),
        ("[" * 100_000, "", "nested"),
        ('{"a": ' * 100_000, "", "nested"),
        ('{"a": ' + "[" * 500 + "]" * 500 + "}", "a" + ".0" * 30, "nested"),
        ("x" * (MAX_CHARACTERS + 1), "", "larger"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_text_that_is_no_document(text: str | bytes, field: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_document(text)
    [problem] = caught.value.problems
    assert problem.field == field
    assert words in problem.message


def test_a_repeated_name_is_told_beside_other_faults() -> None:
    found = faults('{"name": "a", "name": "b", "task_type": "backup"}')
    assert set(found) == {"name", "cron_expression", "parameters"}


@pytest.mark.parametrize("document", [[], None, 5, [("name", "x")]])
def test_what_is_no_mapping(document: object) -> None:
    assert "object" in faults(document)[""]


def test_names_that_are_no_text() -> None:
    assert "no field name" in faults(dict([(1, 2), *backup().items()]))["1"]


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read_document("\ufeff{}") == read_document(b"\xef\xbb\xbf{}") == {}


def test_a_document_is_not_changed_by_reading_it() -> None:
    document = backup()
    parse_task(document)
    assert document == backup()
