"""A NetBox and a Nautobot as far as their lists of devices go.

NetBox passes over filters that it does not know; Nautobot refuses them. Both page by limit and
offset, with the `next` link that Django REST framework makes (`netbox/api/pagination.py`).
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.hosts.device_records import Kept, nautobot_record, netbox_record

TOKEN = "0123456789abcdef0123456789abcdef01234567"
Kind = Literal["netbox", "nautobot"]
Mode = Literal["", "slow", "broken", "html", "500", "redirect", "no list", "no devices", "changing"]
_PATH = "/api/dcim/devices/"
_PARAMETERS = {"limit", "offset", "start", "fields", "brief", "exclude", "depth", "format"}


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
    over: threading.Event = field(default_factory=threading.Event)
    """Nobody asks any more."""
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
        make = netbox_record if self.kind == "netbox" else nautobot_record
        return make(self.url, one)

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
            service.over.wait(60)
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
        service.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
