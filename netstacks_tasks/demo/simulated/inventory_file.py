"""Writes the fleet's inventory in the format of the bulk import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from netstacks_tasks.demo.simulated.addressing import Endpoint
from netstacks_tasks.demo.simulated.catalogue import CREDENTIALS, GROUPS, DeviceSpec

FILE_NAME: Final = "inventory.yaml"


def inventory(specs: Iterable[DeviceSpec], endpoints: Mapping[str, Endpoint]) -> dict[str, Any]:
    """Credentials (by block name: no secrets), groups and devices."""
    return {
        "credentials": [
            {"id": str(spec.id), "name": spec.name, "block_name": spec.block_name}
            for spec in CREDENTIALS
        ],
        "groups": [
            {"id": str(group.id), "name": group.name, "description": group.description}
            for group in GROUPS
        ],
        "devices": [_device(spec, endpoints[spec.name]) for spec in specs],
    }


def write_inventory(directory: Path, document: Mapping[str, Any]) -> Path:
    """Write `inventory.yaml`; returns its path."""
    path = directory / FILE_NAME
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def _device(spec: DeviceSpec, endpoint: Endpoint) -> dict[str, Any]:
    credential = spec.kind.credential
    return {
        "id": str(spec.id),
        "name": spec.name,
        "host": endpoint.host,
        "port": endpoint.ssh_port,
        "platform": spec.kind.family,
        "site": spec.site,
        "groups": list(spec.kind.groups),
        "credential": credential.name,
        "snmp": {"version": credential.snmp_version, "port": endpoint.snmp_port},
    }
