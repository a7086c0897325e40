"""The passwords and communities of a fleet: random, and kept in its directory."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import asyncssh

from netstacks_tasks.demo.simulated.catalogue import CREDENTIALS, CredentialSpec
from netstacks_tasks.models.inventory import DeviceCredential

FILE_NAME = "secrets.json"


def load_or_create(directory: Path) -> dict[str, DeviceCredential]:
    """The credentials by block name; made and written (mode 0600) on first use."""
    path = directory / FILE_NAME
    if path.exists():
        document = json.loads(path.read_text(encoding="utf-8"))
    else:
        document = {spec.block_name: _generate(spec) for spec in CREDENTIALS}
        write_private(path, json.dumps(document, indent=2) + "\n")
    return {name: DeviceCredential.model_validate(fields) for name, fields in document.items()}


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read; whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def _generate(spec: CredentialSpec) -> dict[str, str]:
    fields = {"username": "netops"}
    if spec.with_password:
        fields["password"] = secrets.token_urlsafe(12)
    if spec.with_key:
        key = asyncssh.generate_private_key("ssh-ed25519", comment="netops@demo")
        fields["private_key"] = key.export_private_key("openssh").decode()
    if spec.name in ("core-routers", "edge-switches"):
        fields["enable_secret"] = secrets.token_urlsafe(12)
    if spec.snmp_version == "v2c":
        fields["snmp_community"] = secrets.token_hex(8)
    else:
        fields |= {
            "snmp_user": "netops-v3",
            "snmp_auth_protocol": "sha256",
            "snmp_auth_key": secrets.token_urlsafe(12),
            "snmp_priv_protocol": "aes128",
            "snmp_priv_key": secrets.token_urlsafe(12),
        }
    return fields
