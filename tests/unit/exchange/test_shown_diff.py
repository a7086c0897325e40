"""A diff tells what changed as other programs do, and no secret."""

from __future__ import annotations

import difflib
from datetime import UTC, datetime
from uuid import UUID

import pytest

from netstacks_tasks.exchange.shown_diff import unified
from netstacks_tasks.models.ids import SnapshotId
from netstacks_tasks.store.snapshots import StoredConfig

LINES = [f"vlan {number}" for number in range(40)]


def version(lines: list[str]) -> StoredConfig:
    return StoredConfig(
        id=SnapshotId(UUID(int=1)),
        device_id=None,
        device_name="r1",
        platform="ios",
        task_id=None,
        run_id=None,
        destination="configs",
        source="running",
        sha256="",
        line_count=len(lines),
        captured_at=datetime(2026, 7, 1, tzinfo=UTC),
        content="".join(f"{line}\n" for line in lines),
    )


@pytest.mark.parametrize(
    "after",
    [
        [],
        LINES,
        ["first", *LINES],
        LINES[:-1],
        [*LINES[:10], "changed", *LINES[11:30], *LINES[32:]],
        [*LINES[:10], "a", *LINES[14:18], "b", *LINES[18:]],
    ],
)
def test_it_counts_lines_as_difflib_does(after: list[str]) -> None:
    title = "r1 running 2026-07-01 00:00:00 UTC"
    wanted = list(difflib.unified_diff(LINES, after, title, title, lineterm=""))
    found = unified(version(LINES), version(after), secrets=False)
    assert found.text.splitlines() == wanted
    assert found.added == sum(line.startswith("+") for line in wanted[2:])
    assert found.removed == sum(line.startswith("-") for line in wanted[2:])


def test_a_part_of_a_key_stays_hidden() -> None:
    key = ["-----BEGIN RSA PRIVATE KEY-----", "canary1", "canary2", "-----END RSA PRIVATE KEY-----"]
    other = [*key[:2], "canary3", key[3]]
    hidden = unified(version([*LINES, *key]), version([*LINES, *other]), secrets=False)
    assert "canary" not in hidden.text
    assert (hidden.added, hidden.removed) == (1, 1)
    shown = unified(version([*LINES, *key]), version([*LINES, *other]), secrets=True)
    assert "-canary2\n+canary3\n" in shown.text
