"""Identifiers that must not be mixed up; all are UUIDs."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

TaskId = NewType("TaskId", UUID)
RunId = NewType("RunId", UUID)
"""The id of a run is the id of its Prefect flow run."""
DeviceId = NewType("DeviceId", UUID)
GroupId = NewType("GroupId", UUID)
CredentialId = NewType("CredentialId", UUID)
StackId = NewType("StackId", UUID)
StackInstanceId = NewType("StackInstanceId", UUID)
ScriptId = NewType("ScriptId", UUID)
SnapshotId = NewType("SnapshotId", UUID)
