"""The store as the ports of a deployment, and its variables with their secrets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flows._blocks import load_secret
from flows._history import StoredVersions
from netstacks_tasks.errors import DeviceError, NetstacksError, StoreUnavailable
from netstacks_tasks.models.ids import DeviceId, RunId, SnapshotId, StackInstanceId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.stack_variables import secret_names, with_secrets
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.store import device_lock, snapshots, stack_states
from netstacks_tasks.store.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DeviceLocks:
    """Advisory locks of PostgreSQL, in sessions of this process."""

    url: str
    run_id: RunId

    async def while_locked(
        self, device: Device, work: Callable[[], Awaitable[T]], *, patience: float
    ) -> T:
        try:
            return await device_lock.while_locked(
                self.url, device, self.run_id, work, patience=patience
            )
        except StoreUnavailable as error:
            raise DeviceError(device.name, "lock", "storage", str(error)) from error


class StoredBaselines(StoredVersions):
    """The versions before and after a change."""

    async def text(self, snapshot_id: SnapshotId) -> str:
        return (await snapshots.get(self.db, snapshot_id)).content


@dataclass(frozen=True, slots=True)
class StackStates:
    """What an instance left on each device; not knowing it is no reason to fail."""

    db: Database
    instance_id: StackInstanceId

    async def left_as(self, device_id: DeviceId) -> tuple[str, str] | None:
        try:
            return await stack_states.left_as(self.db, self.instance_id, device_id)
        except NetstacksError:
            return None

    async def leave(self, device_id: DeviceId, rendered: str, running: str) -> None:
        try:
            await stack_states.leave(self.db, self.instance_id, device_id, rendered, running)
        except NetstacksError:
            return


async def resolved(variables: Mapping[str, Any], redactor: Redactor) -> dict[str, Any]:
    """The variables with the values of the Secret blocks they name, hidden from now on.

    Raises:
        ConfigurationError: a block is missing.
    """
    secrets = {name: await load_secret(name) for name in set(secret_names(dict(variables)))}
    for value in secrets.values():
        redactor.hide(value)
    found: dict[str, Any] = with_secrets(
        dict(variables), lambda name: secrets[name].get_secret_value()
    )
    return found
