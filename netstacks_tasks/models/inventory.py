"""Devices and what is needed to reach them, as values."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from netstacks_tasks.models.ids import CredentialId, DeviceId

SnmpVersion = Literal["v2c", "v3"]


class Value(BaseModel):
    """A frozen value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SnmpSettings(Value):
    """How a device answers SNMP; the secrets are in its credential."""

    version: SnmpVersion = "v2c"
    port: int = Field(default=161, ge=1, le=65535)


class Device(Value):
    """One network device."""

    id: DeviceId
    name: str
    host: str
    port: int = Field(default=22, ge=1, le=65535)
    platform: str
    site: str | None = None
    groups: tuple[str, ...] = ()
    credential_id: CredentialId | None = None
    snmp: SnmpSettings = SnmpSettings()
    options: dict[str, str | int | bool] = Field(default_factory=dict)
    """Driver options (NAPALM `optional_args`, e.g. `transport`); never secrets."""


class DeviceCredential(Value):
    """The secrets of a login and of SNMP, resolved; lives in memory only."""

    username: str
    password: SecretStr | None = None
    private_key: SecretStr | None = None
    """OpenSSH or PEM text."""
    private_key_passphrase: SecretStr | None = None
    enable_secret: SecretStr | None = None
    snmp_community: SecretStr | None = None
    snmp_user: str | None = None
    snmp_auth_protocol: Literal["none", "md5", "sha", "sha224", "sha256", "sha384", "sha512"] = (
        "none"
    )
    snmp_auth_key: SecretStr | None = None
    snmp_priv_protocol: Literal["none", "des", "3des", "aes128", "aes192", "aes256"] = "none"
    snmp_priv_key: SecretStr | None = None


class HostKey(Value):
    """An SSH host key as trusted for one device."""

    algorithm: str
    """For example `ssh-ed25519`."""
    public_key: str
    """Base64, as in a known_hosts line."""
    fingerprint: str
    """`SHA256:...`"""
    first_seen_at: datetime | None = None


class DeviceTarget(Value):
    """A device together with the secrets to reach it."""

    device: Device
    credential: DeviceCredential
