"""A device's HTTPS API on loopback, as EOS (eAPI) and NX-OS (NX-API) offer it."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class HttpsApi:
    """What the device answers, and what it was asked."""

    username: str
    password: str
    outputs: dict[str, Any]
    """What a command prints: a text, or what it prints as JSON; any other is refused."""
    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def reachable(self) -> bool:
        """When it is not, connections end without an answer."""
        return True

    def eos(self, request: dict[str, Any]) -> dict[str, Any]:
        """One eAPI request: its commands run in order, the first refused one ends it."""
        results: list[dict[str, Any]] = []
        commands = request["params"]["cmds"]
        for number, entry in enumerate(commands, start=1):
            command = entry["cmd"] if isinstance(entry, dict) else entry
            self.asked.append(command)
            shown = self.eos_answer(command)
            if shown is None:
                said = f"CLI command {number} of {len(commands)} '{command}' failed"
                reason = f"Invalid input (at token 0: '{command.partition(' ')[0]}')"
                error = {
                    "code": 1002,
                    "message": f"{said}: invalid command",
                    "data": [*results, {"errors": [reason]}],
                }
                return {"jsonrpc": "2.0", "id": request["id"], "error": error}
            results.append(shown)
        return {"jsonrpc": "2.0", "id": request["id"], "result": results}

    def eos_answer(self, command: str) -> dict[str, Any] | None:
        """What one command prints; None when it is refused."""
        if command == "enable":
            return {}
        if command in self.outputs:
            shown = self.outputs[command]
            return shown if isinstance(shown, dict) else {"output": shown}
        if command == "show version":
            return {"version": "4.31.2F", "modelName": "vEOS"}
        return None

    def nxos(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One NX-API request: each command has an answer of its own."""
        answers: list[dict[str, Any]] = []
        for request in requests:
            command, kind = request["params"]["cmd"], request["method"]
            self.asked.append(command)
            answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
            shown = self.outputs.get(command)
            if isinstance(shown, dict) and kind == "cli":
                answer["result"] = {"body": shown}
            elif command == "show hostname":
                answer["result"] = {"body": {"hostname": "nx-1"}}
            elif kind == "cli_ascii" and isinstance(shown, str):
                answer["result"] = {"msg": shown}
            else:
                data = {"msg": "% Invalid command\n"}
                answer["error"] = {"code": -32602, "message": "Invalid params", "data": data}
            answers.append(answer)
        return answers


@contextmanager
def serving(api: HttpsApi, folder: Path, host: str = "127.0.0.1") -> Iterator[HttpsApi]:
    """Serve it while the block runs; its port is set then."""
    expected = base64.b64encode(f"{api.username}:{api.password}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not api.reachable:
                return
            if self.headers.get("Authorization") != f"Basic {expected}":
                self._answer(401, "Unable to authenticate user")
            elif self.path == "/command-api":
                self._answer(200, json.dumps(api.eos(body)))
            else:
                self._answer(200, json.dumps(api.nxos(body)))

        def _answer(self, status: int, text: str) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - theirs
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    api.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, name="https-api", daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certificate(folder: Path) -> Path:
    """A certificate signed by nobody else, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    file = folder / "device.pem"
    file.write_bytes(key.private_bytes(pem, form, plain) + certificate.public_bytes(pem))
    return file
