"""A NetBox and a Nautobot as far as their lists of devices go, with their answers' shapes.

NetBox as of 4.6 (`dcim/api/serializers_/devices.py`, `netbox/api/pagination.py`): passes over
filters it does not know. Nautobot as of 2.4 and 3.1 (its GraphQL guide shows a device as the REST
API gives it; its REST guide what `depth` does): refuses them.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import NAMESPACE_URL, uuid5

TOKEN = "0123456789abcdef0123456789abcdef01234567"
Kind = Literal["netbox", "nautobot"]
Mode = Literal["", "slow", "broken", "html", "500", "redirect", "no list", "no devices", "changing"]
_PATH = "/api/dcim/devices/"
_PARAMETERS = {"limit", "offset", "start", "fields", "brief", "exclude", "depth", "format"}


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


@dataclass(kw_only=True)
class DeviceService:
    """What it has, how it behaves, and what it was asked."""

    kind: Kind
    url: str = ""
    devices: list[Kept] = field(default_factory=list)
    mode: Mode = ""
    largest_page: int = 1000
    link_base: str = ""
    """Of its `next` links: behind a proxy a service may take itself for another."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path with query, and the authorization, of each request."""

    def chosen(self, query: dict[str, list[str]]) -> list[Kept] | dict[str, list[str]]:
        """The devices that the filters choose, or what is wrong with them."""
        found = list(self.devices)
        for name, values in query.items():
            if name in _PARAMETERS:
                continue
            if name in {"site", "location"} and (name == "site") == (self.kind == "netbox"):
                known = {one.site for one in self.devices}
                if wrong := [value for value in values if value not in known]:
                    said = f"Select a valid choice. {wrong[0]} is not one of the available choices."
                    return {name: [said]}
                found = [one for one in found if one.site in values]
            elif name == "name":
                found = [one for one in found if one.name in values]
            elif name == "status":
                found = [one for one in found if one.status in [v.lower() for v in values]]
            elif name == "has_primary_ip":
                if values[0] in {"true", "false"}:
                    wanted = values[0] == "true"
                    found = [one for one in found if bool(one.ip4 or one.ip6) == wanted]
            elif self.kind == "nautobot":
                return {name: ["Unknown filter field"]}
        return found

    def record(self, one: Kept) -> dict[str, Any]:
        """A device as its API gives it."""
        return self._netbox(one) if self.kind == "netbox" else self._nautobot(one)

    def _netbox(self, one: Kept) -> dict[str, Any]:
        def brief(path: str, value: str | None) -> dict[str, Any] | None:
            if value is None:
                return None
            return {
                "id": 7, "url": f"{self.url}/api/{path}/7/", "display": value.title(),
                "name": value.title(), "slug": value, "description": "",
            }  # fmt: skip

        def address(value: str | None) -> dict[str, Any] | None:
            if value is None:
                return None
            family = 6 if ":" in value else 4
            return {
                "id": one.id, "url": f"{self.url}/api/ipam/ip-addresses/{one.id}/",
                "display": value, "family": {"value": family, "label": f"IPv{family}"},
                "address": value, "description": "", "dns_name": "", "nat_inside": None,
                "nat_outside": [],
            }  # fmt: skip

        return {
            "id": one.id, "url": f"{self.url}/api/dcim/devices/{one.id}/",
            "display_url": f"{self.url}/dcim/devices/{one.id}/", "display": one.name or "unnamed",
            "name": one.name,
            "device_type": {
                "id": 3, "url": f"{self.url}/api/dcim/device-types/3/", "display": "C9300-48P",
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

    def _nautobot(self, one: Kept) -> dict[str, Any]:
        def key(*words: object) -> str:
            return str(uuid5(NAMESPACE_URL, "/".join(map(str, words))))

        def nested(kind: str, path: str, value: str | None, **more: Any) -> dict[str, Any] | None:  # noqa: ANN401 - of JSON
            if value is None:
                return None
            return {
                "id": key(kind, value), "object_type": kind, "display": value,
                "url": f"{self.url}/api/{path}/{key(kind, value)}/", "natural_slug": f"{value}_1",
                "name": value, "description": "", "created": "2026-01-01T00:00:00Z",
                "last_updated": "2026-01-01T00:00:00Z",
                "notes_url": f"{self.url}/api/{path}/{key(kind, value)}/notes/",
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
            "url": f"{self.url}/api/dcim/devices/{device}/", "natural_slug": f"{one.name}_9fc4",
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

    def page(self, query: dict[str, list[str]], found: Sequence[Kept]) -> dict[str, Any]:
        """One page of a list, as Django REST framework's limit and offset have it."""
        offset = int(query.get("offset", ["0"])[0])
        asked = int(query.get("limit", ["50"])[0])
        limit = min(asked or self.largest_page, self.largest_page)
        records = [self.record(one) for one in found[offset : offset + limit]]
        if fields := query.get("fields", [""])[0]:
            records = [{f: r[f] for f in fields.split(",") if f in r} for r in records]
        following = None
        if offset + limit < len(found):
            more = {**query, "limit": [str(limit)], "offset": [str(offset + limit)]}
            following = f"{self.link_base or self.url}{_PATH}?{urlencode(more, doseq=True)}"
        count = len(found) + (1 if self.mode == "changing" and asked == 1 else 0)
        return {"count": count, "next": following, "previous": None, "results": records}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: DeviceService

    def do_GET(self) -> None:
        service = self.service
        service.asked.append((self.path, self.headers.get("authorization", "")))
        if service.mode == "slow":
            time.sleep(2)
        if service.mode == "500":
            self._answer(500, {"error": "division by zero", "exception": "ZeroDivisionError"})
        elif service.mode == "redirect":
            self._answer(301, {}, location="https://elsewhere.example.net/api/")
        elif self.headers.get("authorization") != f"Token {TOKEN}":
            said = "Invalid v1 token" if service.kind == "netbox" else "Invalid token"
            self._answer(403, {"detail": said})
        elif urlsplit(self.path).path != _PATH:
            self._answer(404, {"detail": "Not found."})
        else:
            self._devices()

    def _devices(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        found = self.service.chosen(query)
        if self.service.mode == "broken":
            self._send(200, b'{"count": 3, "next": null, "results": [{"id": 1, "na')
        elif self.service.mode == "html":
            self._send(200, b"<html><body>Log in</body></html>", "text/html")
        elif self.service.mode == "no list":
            self._answer(200, {"circuits": "http://x/api/circuits/"})
        elif self.service.mode == "no devices":
            results = ["router"]
            self._answer(200, {"count": 1, "next": None, "previous": None, "results": results})
        elif isinstance(found, dict):
            self._answer(400, found)
        else:
            self._answer(200, self.service.page(query, found))

    def _answer(self, status: int, body: dict[str, Any], **headers: str) -> None:
        self._send(status, json.dumps(body).encode(), **headers)

    def _send(
        self, status: int, body: bytes, kind: str = "application/json", **headers: str
    ) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""


@contextmanager
def device_service(
    kind: Kind, certificate: tuple[Path, Path] | None = None
) -> Iterator[DeviceService]:
    """A running service on loopback, over TLS with a certificate and its key."""
    service = DeviceService(kind=kind)
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # of clients that do not trust it
        scheme = "https"
    service.url = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
