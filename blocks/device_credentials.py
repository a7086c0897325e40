"""The secrets of a device login and of its SNMP."""

from __future__ import annotations

from typing import ClassVar, Literal

from prefect.blocks.abstract import CredentialsBlock
from pydantic import ConfigDict, Field, HttpUrl, SecretStr, field_validator, model_validator

from blocks.links import DOCUMENTATION, SECRET_LOGO
from netstacks_tasks.models.inventory import DeviceCredential

_SHORTEST_SNMP_KEY = 8
"""RFC 3414: a shorter passphrase is refused by every device."""


class DeviceCredentials(CredentialsBlock):
    """Logs in to network devices by SSH and reads them by SNMP.

    The inventory refers to a document of this block by its name; the secrets
    stand nowhere else.

    Example:
        Load stored credentials:
        ```python
        from blocks import DeviceCredentials

        device_credentials = DeviceCredentials.load("BLOCK_NAME")
        login = device_credentials.get_client()
        ```
    """

    _block_type_name: ClassVar[str | None] = "NetStacks Device Credentials"
    _block_type_slug: ClassVar[str | None] = "netstacks-device-credentials"
    _logo_url: ClassVar[HttpUrl | None] = SECRET_LOGO
    _documentation_url: ClassVar[HttpUrl | None] = DOCUMENTATION

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    username: str = Field(
        min_length=1, max_length=255, description="The name to log in with over SSH."
    )
    password: SecretStr | None = Field(
        default=None, description="The password to log in with; not needed with a private key."
    )
    private_key: SecretStr | None = Field(
        default=None, description="The private key to log in with, as OpenSSH or PEM text."
    )
    private_key_passphrase: SecretStr | None = Field(
        default=None, description="What the private key is encrypted with, when it is."
    )
    enable_secret: SecretStr | None = Field(
        default=None, description="The secret of the privileged mode, where a device has one."
    )
    snmp_community: SecretStr | None = Field(
        default=None, description="The read community of SNMP v2c."
    )
    snmp_user: str | None = Field(default=None, description="The user name of SNMP v3.")
    snmp_auth_protocol: Literal["none", "md5", "sha", "sha224", "sha256", "sha384", "sha512"] = (
        Field(default="none", description="How SNMP v3 messages are authenticated.")
    )
    snmp_auth_key: SecretStr | None = Field(
        default=None, description="The passphrase of SNMP v3 authentication, 8 characters or more."
    )
    snmp_priv_protocol: Literal["none", "des", "3des", "aes128", "aes192", "aes256"] = Field(
        default="none", description="How SNMP v3 messages are encrypted."
    )
    snmp_priv_key: SecretStr | None = Field(
        default=None, description="The passphrase of SNMP v3 encryption, 8 characters or more."
    )

    @field_validator("username", "snmp_user")
    @classmethod
    def _one_line(cls, value: str | None) -> str | None:
        if value is not None and not (value.strip() and value.isprintable()):
            raise ValueError("write a name in one line, without control characters")
        return value

    @field_validator("private_key")
    @classmethod
    def _is_a_private_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value().strip():
            return None
        text = value.get_secret_value().strip().replace("\r\n", "\n")
        if not text.startswith("-----BEGIN ") or "PRIVATE KEY-----" not in text:
            raise ValueError(
                "paste the whole private key, from '-----BEGIN ... PRIVATE KEY-----' on "
                "(not the .pub file, and not a path)"
            )
        return SecretStr(text + "\n")

    @field_validator("snmp_auth_key", "snmp_priv_key")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SHORTEST_SNMP_KEY:
            raise ValueError(f"SNMP v3 needs a passphrase of {_SHORTEST_SNMP_KEY} characters")
        return value

    @model_validator(mode="after")
    def _belong_together(self) -> DeviceCredentials:
        if self.private_key_passphrase is not None and self.private_key is None:
            raise ValueError("private_key_passphrase: there is no private_key it could open")
        for kind in ("auth", "priv"):
            protocol = getattr(self, f"snmp_{kind}_protocol")
            key = getattr(self, f"snmp_{kind}_key")
            if protocol != "none" and key is None:
                raise ValueError(f"snmp_{kind}_key: needed with snmp_{kind}_protocol {protocol!r}")
            if protocol == "none" and key is not None:
                raise ValueError(
                    f"snmp_{kind}_protocol: say which one snmp_{kind}_key is for, or leave the key"
                )
        if self.snmp_priv_protocol != "none" and self.snmp_auth_protocol == "none":
            raise ValueError("snmp_auth_protocol: SNMP v3 encrypts only what it authenticates")
        if self.snmp_auth_protocol != "none" and self.snmp_user is None:
            raise ValueError("snmp_user: SNMP v3 needs the name of its user")
        return self

    def get_client(self) -> DeviceCredential:
        """The secrets as the device adapters take them, in memory only."""
        return DeviceCredential(
            **{name: getattr(self, name) for name in DeviceCredential.model_fields}
        )
