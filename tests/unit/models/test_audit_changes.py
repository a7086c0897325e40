"""How the audit log reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from netstacks_tasks.models.access import AuditEntry
from netstacks_tasks.models.audit_changes import changes_of


@pytest.mark.parametrize(
    ("action", "changes", "read"),
    [
        ("edited", {"max_retries": [3, 5]}, ["max_retries: 3 -> 5"]),
        ("edited", {"enabled": [True, False]}, ["enabled: yes -> no"]),
        ("edited", {"site": ["ams1", None]}, ["site: ams1 -> nothing"]),
        ("edited", {"password_hash": [None, None]}, ["password_hash changed"]),
        (
            "edited",
            {"parameters": [{"checks": ["ping"], "x": 1}, {"checks": ["ping", "ssh"], "x": 1}]},
            ['parameters.checks: ["ping"] -> ["ping", "ssh"]'],
        ),
        ("edited", {"snmp": [None, {"version": "v3"}]}, ["snmp.version: v3"]),
        (
            "created",
            {"name": [None, "r1"], "site": [None, None], "groups": [None, []], "note": [None, ""]},
            ["name: r1"],
        ),
        (
            "edited",
            {"body": ["sha256:" + "a" * 64, "sha256:" + "b" * 64]},
            ["body: sha256:aaaaaaaaaaaa... -> sha256:bbbbbbbbbbbb..."],
        ),
        ("created", {"script": [None, "x" * 500]}, [f"script: {'x' * 160}... (500 characters)"]),
        ("run", {"run_id": "17"}, ["run_id: 17"]),
    ],
)
def test_changes_are_told_field_by_field(
    action: str, changes: dict[str, Any], read: list[str]
) -> None:
    entry = AuditEntry(
        id=1,
        at=datetime.now(UTC),
        actor="user:anna",
        via="page",
        action=action,
        kind="task",
        changes=changes,
    )
    assert [str(one) for one in changes_of(entry)] == read
