"""Devices as NetBox and Nautobot give them.

NetBox as of 4.6 (`dcim/api/serializers_/devices.py`). Nautobot as of 2.4 and 3.1: its GraphQL
guide shows a device as the REST API gives it, its REST guide what `depth` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5


@dataclass(kw_only=True)
class Kept:
    """A device as the service keeps it."""

    id: int
    name: str | None
    ip4: str | None = None
    ip6: str | None = None
    platform: str | None = "cisco-ios"
    driver: str = ""
    """Nautobot's network_driver."""
    site: str = "fra"
    role: str = "switch"
    tenant: str | None = None
    tags: tuple[str, ...] = ()
    status: str = "active"


def netbox_record(url: str, one: Kept) -> dict[str, Any]:
    """A device as NetBox gives it."""

    def brief(path: str, value: str | None) -> dict[str, Any] | None:
        if value is None:
            return None
        return {
            "id": 7, "url": f"{url}/api/{path}/7/", "display": value.title(),
            "name": value.title(), "slug": value, "description": "",
        }  # fmt: skip

    def address(value: str | None) -> dict[str, Any] | None:
        if value is None:
            return None
        family = 6 if ":" in value else 4
        return {
            "id": one.id, "url": f"{url}/api/ipam/ip-addresses/{one.id}/",
            "display": value, "family": {"value": family, "label": f"IPv{family}"},
            "address": value, "description": "", "dns_name": "", "nat_inside": None,
            "nat_outside": [],
        }  # fmt: skip

    return {
        "id": one.id, "url": f"{url}/api/dcim/devices/{one.id}/",
        "display_url": f"{url}/dcim/devices/{one.id}/", "display": one.name or "unnamed",
        "name": one.name,
        "device_type": {
            "id": 3, "url": f"{url}/api/dcim/device-types/3/", "display": "C9300-48P",
            "manufacturer": brief("dcim/manufacturers", "cisco"), "model": "C9300-48P",
            "slug": "c9300-48p", "description": "",
        },
        "role": {**(brief("dcim/device-roles", one.role) or {}), "_depth": 0},
        "tenant": brief("tenancy/tenants", one.tenant),
        "platform": brief("dcim/platforms", one.platform),
        "serial": "FOC0", "asset_tag": None, "site": brief("dcim/sites", one.site),
        "location": None, "rack": None, "position": None, "face": None, "latitude": None,
        "longitude": None, "parent_device": None,
        "status": {"value": one.status, "label": one.status.title()}, "airflow": None,
        "primary_ip": address(one.ip6 or one.ip4), "primary_ip4": address(one.ip4),
        "primary_ip6": address(one.ip6), "oob_ip": None, "cluster": None,
        "virtual_chassis": None, "vc_position": None, "vc_priority": None, "description": "",
        "comments": "", "config_template": None, "config_context": {},
        "local_context_data": None,
        "tags": [{**(brief("extras/tags", tag) or {}), "color": "9e9e9e"} for tag in one.tags],
        "custom_fields": {}, "created": "2026-01-01T00:00:00Z",
        "last_updated": "2026-01-02T00:00:00Z", "interface_count": 52,
    }  # fmt: skip


def nautobot_record(url: str, one: Kept) -> dict[str, Any]:
    """A device as Nautobot gives it at depth 1."""

    def key(*words: object) -> str:
        return str(uuid5(NAMESPACE_URL, "/".join(map(str, words))))

    def nested(kind: str, path: str, value: str | None, **more: Any) -> dict[str, Any] | None:  # noqa: ANN401 - of JSON
        if value is None:
            return None
        return {
            "id": key(kind, value), "object_type": kind, "display": value,
            "url": f"{url}/api/{path}/{key(kind, value)}/", "natural_slug": f"{value}_1",
            "name": value, "description": "", "created": "2026-01-01T00:00:00Z",
            "last_updated": "2026-01-01T00:00:00Z",
            "notes_url": f"{url}/api/{path}/{key(kind, value)}/notes/",
            "custom_fields": {}, **more,
        }  # fmt: skip

    def address(value: str | None) -> dict[str, Any] | None:
        if value is None:
            return None
        host, _, length = value.partition("/")
        found = nested("ipam.ipaddress", "ipam/ip-addresses", value, address=value, host=host)
        return {
            **(found or {}), "mask_length": int(length), "type": "host",
            "ip_version": 6 if ":" in host else 4, "dns_name": "",
        }  # fmt: skip

    device = key("device", one.id)
    return {
        "id": device, "object_type": "dcim.device", "display": one.name or "unnamed",
        "url": f"{url}/api/dcim/devices/{device}/", "natural_slug": f"{one.name}_9fc4",
        "face": None, "local_config_context_data": None, "name": one.name, "serial": "JSH1",
        "asset_tag": None, "position": None, "vc_position": None, "vc_priority": None,
        "comments": "",
        "status": nested("extras.status", "extras/statuses", one.status.title()),
        "role": nested("extras.role", "extras/roles", one.role),
        "tenant": nested("tenancy.tenant", "tenancy/tenants", one.tenant),
        "platform": nested(
            "dcim.platform", "dcim/platforms", one.platform, network_driver=one.driver,
            napalm_driver="", napalm_args=None,
        ),
        "location": nested("dcim.location", "dcim/locations", one.site),
        "rack": None, "primary_ip4": address(one.ip4), "primary_ip6": address(one.ip6),
        "virtual_chassis": None, "device_redundancy_group": None, "software_version": None,
        "secrets_group": None, "created": "2026-01-01T00:00:00Z",
        "last_updated": "2026-01-01T00:00:00Z", "custom_fields": {},
        "tags": [nested("extras.tag", "extras/tags", tag, color="9e9e9e") for tag in one.tags],
        "parent_bay": None,
    }  # fmt: skip
