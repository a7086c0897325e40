from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import parse_task
from tests.unit.models.documents import ID, backup

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_a_kept_task_has_an_id_and_a_name() -> None:
    task = Task(spec=parse_task(backup(id=ID)), revision=1, created_at=NOW, updated_at=NOW)
    assert (task.id, task.name) == (UUID(ID), "Nightly Core Router Backup")
    assert Task.model_validate_json(task.model_dump_json()) == task


def test_a_task_without_an_id_was_never_kept() -> None:
    task = Task(spec=parse_task(backup()), revision=1, created_at=NOW, updated_at=NOW)
    with pytest.raises(ValueError, match="has an id"):
        _ = task.id
