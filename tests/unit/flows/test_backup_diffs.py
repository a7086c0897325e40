"""The report of a large group takes no more diffs than it shows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flows._history import StoredVersions
from flows._report import MOST_DIFF_CHARACTERS, report
from flows.backup import diffs_of
from netstacks_tasks.models.ids import DeviceId, RunId, SnapshotId, TaskId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store.database import Database


class Versions(StoredVersions):
    """Every result has an earlier version; the diff of the first one holds masked keys only."""

    read = 0

    async def changed(
        self, results: Sequence[DeviceResult]
    ) -> list[tuple[DeviceResult, SnapshotId, SnapshotId]]:
        return [(result, SnapshotId(UUID(int=1)), SnapshotId(UUID(int=2))) for result in results]

    async def difference(self, before: SnapshotId, after: SnapshotId) -> str:  # noqa: ARG002 - the base's
        self.read += 1
        return "" if self.read == 1 else "--- a\n+++ b\n" + "+line of a diff\n" * 100


async def test_only_what_the_report_has_room_for_is_read() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    ids = RunId(UUID(int=3)), TaskId(UUID(int=4))
    versions = Versions(database, *ids, "d", 1, lambda _, text: text)
    results = [
        DeviceResult(
            device_id=DeviceId(UUID(int=n + 10)),
            device_name=f"d{n:04}",
            item="running",
            ok=True,
            summary="new version",
            changed=True,
            snapshot_id=SnapshotId(UUID(int=n + 10)),
        )
        for n in range(2000)
    ]
    diffs = await diffs_of(versions, results, Redactor())
    assert len(diffs) == len(results) - 1
    assert sum(len(diff.text) for diff in diffs) < MOST_DIFF_CHARACTERS + 5000
    assert versions.read < 50
    told = report("Nightly", results, diffs=diffs)
    assert f"and {len(diffs) - versions.read + 1} more changed configurations" in told
