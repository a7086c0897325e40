"""The store as the ports of the operations."""

from __future__ import annotations

from dataclasses import dataclass, field

from flows._blocks import load_credential
from netstacks_tasks.errors import ConfigurationError, DeviceError, NetstacksError, NotFound
from netstacks_tasks.models.ids import CredentialId, DeviceId, RunId, TaskId
from netstacks_tasks.models.inventory import Device, DeviceCredential
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.ports import Capture, Kept
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store import check_states, inventory, runs, snapshots
from netstacks_tasks.store.database import Database


@dataclass(frozen=True, slots=True)
class RunRecorder:
    """Writes results to the run's history."""

    db: Database
    run_id: RunId

    async def record(self, result: DeviceResult) -> None:
        await runs.record_result(self.db, self.run_id, result)


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


@dataclass(slots=True)
class StoredVersions:
    """Keeps configurations and remembers what changed."""

    db: Database
    run_id: RunId
    task_id: TaskId
    destination: str
    attempt: int
    normalise: snapshots.Normalise

    async def keep(self, capture: Capture) -> Kept:
        snapshot_id, changed = await snapshots.keep(
            self.db,
            device=capture.device,
            task_id=self.task_id,
            run_id=self.run_id,
            destination=self.destination,
            source=capture.source,
            content=capture.content,
            normalised=capture.normalised,
        )
        if not changed and self.attempt > 1:
            # An earlier attempt of this very run may have been killed just
            # after it kept the version and before it could say so.
            kept = await snapshots.get(self.db, snapshot_id)
            changed = kept.run_id == self.run_id
        return Kept(snapshot_id=snapshot_id, changed=changed)

    async def difference(self, result: DeviceResult) -> str:
        """A unified diff to a new version from the one before it; empty for a first one."""
        if result.snapshot_id is None:
            return ""
        version = await snapshots.get(self.db, result.snapshot_id)
        before = await snapshots.previous(self.db, version)
        if before is None:
            return ""
        return await snapshots.diff(self.db, before.id, version.id, normalise=self.normalise)


@dataclass(frozen=True, slots=True)
class StoredCheckStates:
    """Remembers which checks were up."""

    db: Database

    async def observe(self, device_id: DeviceId, check: str, *, up: bool) -> bool:
        return await check_states.observe(self.db, device_id, check, up=up)
