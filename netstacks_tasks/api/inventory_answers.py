"""The inventory as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from netstacks_tasks.api.pages import Page
from netstacks_tasks.models.inventory import Device, HostKey, SnmpVersion, Value
from netstacks_tasks.store.inventory_items import DeviceGroup, Script


class SnmpAnswer(Value):
    """How a device answers SNMP; the secrets are in its credential."""

    version: SnmpVersion = Field(description="Of the protocol.")
    port: int = Field(description="UDP.")


class DeviceAnswer(Value):
    """A network device."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="Shown to people; no other device has it.")
    host: str = Field(description="IP address or host name.")
    port: int = Field(description="Of SSH.")
    platform: str = Field(description="What it runs, e.g. `ios`, `eos`, `frr`.")
    site: str | None = Field(description="Where it stands.")
    groups: tuple[str, ...] = Field(description="Names of the groups it belongs to.")
    credential_id: UUID | None = Field(description="Of the credential to log in with.")
    snmp: SnmpAnswer = Field(description="How it answers SNMP.")
    options: dict[str, str | int | bool] = Field(description="Options of its driver.")

    @classmethod
    def of(cls, device: Device, **more: object) -> Self:
        """A device as it is kept."""
        return cls.model_validate({**device.model_dump(), **more})


class HostKeyAnswer(Value):
    """An SSH host key that is trusted for a device."""

    algorithm: str = Field(description="For example `ssh-ed25519`.")
    public_key: str = Field(description="Base64, as in a known_hosts line.")
    fingerprint: str = Field(description="`SHA256:...`, as OpenSSH shows it.")
    first_seen_at: datetime | None = Field(description="When it was first trusted, in UTC.")

    @classmethod
    def of(cls, key: HostKey) -> Self:
        """A key as it is kept."""
        return cls.model_validate(key.model_dump())


class DeviceDetails(DeviceAnswer):
    """A device and the host keys that are trusted for it."""

    host_keys: tuple[HostKeyAnswer, ...] = Field(
        description="Empty: the first key that it shows is going to be trusted."
    )


class DevicePage(Page):
    """Devices that match, by name."""

    items: tuple[DeviceAnswer, ...] = Field(description="In this order.")


class HostKeys(Value):
    """What is trusted for a device."""

    items: tuple[HostKeyAnswer, ...] = Field(description="In this order.")


class ForgottenKeys(Value):
    """What is not trusted any more."""

    forgotten: int = Field(description="How many keys.")


class GroupAnswer(Value):
    """A device group."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="Shown to people; no other group has it.")
    description: str = Field(description="What it is for.")
    device_count: int = Field(description="How many devices belong to it.")

    @classmethod
    def of(cls, group: DeviceGroup, **more: object) -> Self:
        """A group as it is kept."""
        return cls.model_validate({**group.model_dump(), **more})


class GroupPage(Page):
    """Device groups by name."""

    items: tuple[GroupAnswer, ...] = Field(description="In this order.")


class MemberAnswer(Value):
    """A device by its id and name."""

    id: UUID = Field(description="Of the device.")
    name: str = Field(description="Of the device.")


class GroupDetails(GroupAnswer):
    """A device group and who belongs to it."""

    devices: tuple[MemberAnswer, ...] = Field(description="By name.")


class ScriptSummary(Value):
    """A stored script without its text."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="Shown to people; no other script has it.")
    interpreter: Literal["python", "bash"] = Field(description="What runs it.")
    line_count: int = Field(description="Of its text.")

    @classmethod
    def of(cls, script: Script) -> Self:
        """A script as it is kept."""
        return cls(
            id=script.id,
            name=script.name,
            interpreter=script.interpreter,
            line_count=len(script.body.splitlines()),
        )


class ScriptAnswer(Value):
    """A stored script."""

    id: UUID = Field(description="For ever the same.")
    name: str = Field(description="Shown to people; no other script has it.")
    interpreter: Literal["python", "bash"] = Field(description="What runs it.")
    body: str = Field(description="Its text.")

    @classmethod
    def of(cls, script: Script) -> Self:
        """A script as it is kept."""
        return cls.model_validate(script.model_dump())


class ScriptPage(Page):
    """Stored scripts by name."""

    items: tuple[ScriptSummary, ...] = Field(description="In this order.")
