"""The files that a script is given, as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import SecretStr

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential, HostKey

_SSH_PORT: Final = 22


def script_text(text: str) -> str:
    """A script as an interpreter takes it, whatever editor it came from."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def devices_document(devices: Sequence[Device]) -> str:
    """What a script learns of its devices, as JSON: a list of objects."""
    fields = {"id", "name", "host", "port", "platform"}
    return json.dumps([device.model_dump(mode="json", include=fields) for device in devices])


def known_hosts_document(
    devices: Sequence[Device], keys: Mapping[DeviceId, Sequence[HostKey]]
) -> str:
    """The SSH host keys recorded for devices, as lines of a known_hosts file."""
    lines = []
    for device in devices:
        host = device.host if device.port == _SSH_PORT else f"[{device.host}]:{device.port}"
        lines += [f"{host} {key.algorithm} {key.public_key}\n" for key in keys.get(device.id, ())]
    return "".join(lines)


def credential_document(credential: DeviceCredential) -> str:
    """A credential's fields as JSON, those without a value left out."""
    fields: dict[str, Any] = {}
    for name, value in dict(credential).items():
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if plain is not None:
            fields[name] = plain
    return json.dumps(fields, default=str)
