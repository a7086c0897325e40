"""The store as the ports of the operations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flows._blocks import load_credential
from netstacks_tasks.errors import ConfigurationError, DeviceError, NetstacksError, NotFound
from netstacks_tasks.models.capture import Capture
from netstacks_tasks.models.ids import CredentialId, DeviceId, RunId, SnapshotId, TaskId
from netstacks_tasks.models.inventory import Device, DeviceCredential
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.ports import Kept, Seen
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store import check_states, inventory, runs, snapshots
from netstacks_tasks.store.batches import Batches
from netstacks_tasks.store.database import Database

_LOOK_PATIENCE_SECONDS: Final = 0.3


class RunRecorder:
    """Writes results to the run's history, those that come together in one transaction."""

    def __init__(self, db: Database, run_id: RunId) -> None:
        self._db = db
        self._run_id = run_id
        self._batches: Batches[DeviceResult, None] = Batches(self._record)

    async def record(self, results: Sequence[DeviceResult]) -> None:
        await self._batches.do_all(results)

    async def _record(self, results: Sequence[DeviceResult]) -> list[None]:
        await runs.record_results(self._db, self._run_id, results)
        return [None] * len(results)


@dataclass(slots=True)
class BlockCredentials:
    """Finds a device's secrets by inventory and block; each block is loaded once."""

    db: Database
    redactor: Redactor
    override: CredentialId | None = None
    """The task's credential, instead of each device's own."""
    _found: dict[CredentialId, DeviceCredential | str] = field(default_factory=dict)

    def account(self, device: Device) -> str:
        """Which credential a device is reached with; empty when none is named."""
        return str(self.override or device.credential_id or "")

    async def of(self, device: Device) -> DeviceCredential:
        """The secrets to reach a device.

        Raises:
            DeviceError: stage `credential`.
        """
        key = self.override or device.credential_id
        if key is None:
            raise DeviceError(
                device.name,
                "credential",
                "auth",
                "neither the task nor the device names a credential; set one of them",
            )
        if key not in self._found:
            self._found[key] = await self._load(key)
        found = self._found[key]
        if isinstance(found, str):
            raise DeviceError(device.name, "credential", "auth", found)
        return found

    async def of_task(self) -> DeviceCredential | None:
        """The secrets of the credential that the task itself names; None when it names none.

        Raises:
            ConfigurationError: there is no such credential, or its block is unusable.
        """
        if self.override is None:
            return None
        if self.override not in self._found:
            self._found[self.override] = await self._load(self.override)
        found = self._found[self.override]
        if isinstance(found, str):
            raise ConfigurationError(found)
        return found

    async def preload(self, devices: list[Device]) -> None:
        """Load every credential once, before the devices ask for them all together."""
        for key in {self.override or device.credential_id for device in devices}:
            if key is not None and key not in self._found:
                self._found[key] = await self._load(key)

    async def _load(self, key: CredentialId) -> DeviceCredential | str:
        try:
            row = await inventory.credential(self.db, key)
            credential = await load_credential(row.block_name)
        except NotFound:
            return f"the inventory holds no credential {key}"
        except NetstacksError as error:
            return str(error)
        self.redactor.learn(credential)
        return credential


class StoredVersions:
    """Keeps configurations, and tells what changed."""

    def __init__(
        self,
        db: Database,
        run_id: RunId,
        task_id: TaskId,
        destination: str,
        attempt: int,
        normalise: snapshots.Normalise,
        kept: Callable[[str], str] | None = None,
    ) -> None:
        """Of a text, `kept` makes what is kept; all of it unless given."""
        self.db = db
        self._kept = kept
        self._run_id = run_id
        self._task_id = task_id
        self._destination = destination
        self._attempt = attempt
        self._normalise = normalise
        self._batches: Batches[Capture, Kept] = Batches(self._keep)
        # Who looks together keeps and records together, too.
        self._looks: Batches[tuple[DeviceId, str, str], Seen | None] = Batches(
            self._look, patience=_LOOK_PATIENCE_SECONDS
        )

    async def keep(self, capture: Capture) -> Kept:
        if self._kept is not None:
            capture = Capture(
                device=capture.device,
                source=capture.source,
                content=await asyncio.to_thread(self._kept, capture.content),
                normalised=await asyncio.to_thread(self._kept, capture.normalised),
            )
        return await self._batches.do(capture)

    async def seen(self, device: Device, texts: Mapping[str, str]) -> Mapping[str, Seen]:
        if self._kept is not None:
            kept = self._kept
            texts = await asyncio.to_thread(lambda: {of: kept(one) for of, one in texts.items()})
        found = await self._looks.do_all((device.id, of, text) for of, text in texts.items())
        return {of: one for of, one in zip(texts, found, strict=True) if one is not None}

    async def _look(self, texts: Sequence[tuple[DeviceId, str, str]]) -> list[Seen | None]:
        found = await snapshots.seen_all(self.db, texts, destination=self._destination)
        return [None if one is None else self._seen(one) for one in found]

    def _seen(self, one: snapshots.SeenVersion) -> Seen:
        changed = self._own_of_before(one.run_id)
        return Seen(snapshot_id=one.id, changed=changed, lines=one.lines)

    def _own_of_before(self, run_id: RunId | None) -> bool:
        """An earlier attempt of this run may have been killed just after it kept the version.

        It could not say so any more.
        """
        return self._attempt > 1 and run_id == self._run_id

    async def _keep(self, captures: Sequence[Capture]) -> list[Kept]:
        kept = await snapshots.keep_all(
            self.db,
            captures,
            task_id=self._task_id,
            run_id=self._run_id,
            destination=self._destination,
        )
        return [
            Kept(snapshot_id=one.id, changed=one.made or self._own_of_before(one.run_id))
            for one in kept
        ]

    async def changed(
        self, results: Sequence[DeviceResult]
    ) -> list[tuple[DeviceResult, SnapshotId, SnapshotId]]:
        """The results with a new version that is not the first, that before it, and the new one."""
        made = {r.snapshot_id: r for r in results if r.changed and r.snapshot_id is not None}
        before = await snapshots.before_each(self.db, list(made))
        return [
            (result, before[version], version)
            for version, result in made.items()
            if version in before
        ]

    async def difference(self, before: SnapshotId, after: SnapshotId) -> str:
        """A unified diff of two versions."""
        return await snapshots.diff(self.db, before, after, normalise=self._normalise)


class StoredCheckStates:
    """Remembers which checks were up; what is seen together is noted in one transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._batches: Batches[check_states.Observation, bool] = Batches(self._observe)

    async def observe(self, device_id: DeviceId, check: str, *, up: bool) -> bool:
        return await self._batches.do(
            check_states.Observation(device_id=device_id, item=check, up=up)
        )

    async def _observe(self, observations: Sequence[check_states.Observation]) -> list[bool]:
        return await check_states.observe_all(self._db, observations)
