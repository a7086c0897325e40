"""Everything that goes wrong with a secret at hand: refused logins, echoes, scripts that tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import asyncssh
import httpx
import pytest

from tests.hosts.chat_endpoint import Body, Reply, chat_endpoint, failure, final
from tests.hosts.ssh_speaker import SshSpeaker, speaking
from tests.integration.security.canaries import canary
from tests.integration.security.planting import key_line

Document = dict[str, Any]

SCRIPT: Final = """\
import base64, html, json, os, sys, time, urllib.parse
given = json.load(open(os.environ["NETSTACKS_CREDENTIAL"]))
for name, value in given.items():
    print(name, value)
    print(json.dumps({name: value}), repr(value), html.escape(value))
    print(urllib.parse.quote(value, safe=""), value.encode().hex(), file=sys.stderr)
    print(base64.b64encode(value.encode()).decode())
login = given["username"] + ":" + given["password"]
print("Authorization: Basic", base64.b64encode(login.encode()).decode())
print(dict(os.environ), sys.argv)
with open(os.environ["NETSTACKS_ARTIFACTS"] + "/told.txt", "w") as file:
    json.dump(given, file)
with open(os.environ["NETSTACKS_RESULTS"], "a") as results:
    print(json.dumps({"device": "core-rtr-02", "ok": False, "summary": f"refused {login}"}),
          file=results)
time.sleep(5)  # for whoever looks at the machine's processes
raise RuntimeError(f"cannot log in with {login}, {given['private_key']}")
"""
"""A script that tells its credential to whoever asks, and dies of it."""

_ENDED: Final = {"completed", "failed", "cancelled", "crashed"}


@dataclass
class EchoingDevice(SshSpeaker):
    """It repeats the password that it was given, in its banner and in every answer."""

    connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        super().connection_made(conn)
        self.connection = conn

    def validate_password(self, username: str, password: str) -> bool:
        assert self.connection is not None
        self.connection.send_auth_banner(f"You said {password}\r\n")
        return super().validate_password(username, password)

    async def session(self, process: asyncssh.SSHServerProcess[str]) -> None:
        process.stdout.write(f"Welcome, {self.password}\r\necho-1#")
        async for line in process.stdin:
            self.asked.append(line.strip())
            process.stdout.write(f"{line}% Invalid: {self.password}\r\necho-1#")


@dataclass
class Mishaps:
    """Makes them happen through the API, as an administrator would; keeps what it answered."""

    api: httpx.AsyncClient
    prefect: httpx.AsyncClient
    secrets: dict[str, str] = field(default_factory=dict)
    """Those that it brought, with what they are."""
    answers: list[bytes] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    """What became of its tasks, by name."""

    async def happen(self) -> None:
        """All of them, and wait for their ends."""
        known = await self._known()
        async with _echoing() as device, _telling_endpoint() as (base_url, key):
            self.secrets[key] = "API key"
            tasks = await self._prepared(known, device, base_url, key)
            made = [await self._post("/tasks", task) for task in tasks]
            await self._wrong_requests()
            runs = {task["name"]: await self._started(task["id"]) for task in made}
            for name, run in runs.items():
                self.states[name] = await self._ended(run)
            assert any("show" in line for line in device.asked), device.asked

    async def block(self, kind: str, name: str, data: Mapping[str, Any]) -> None:
        """Save a block of Prefect's."""
        of_type = (await self.prefect.get(f"/block_types/slug/{kind}")).json()
        wanted = {"block_schemas": {"block_type_id": {"any_": [of_type["id"]]}}}
        schemas = (await self.prefect.post("/block_schemas/filter", json=wanted)).json()
        document = {
            "name": name,
            "data": dict(data),
            "block_type_id": of_type["id"],
            "block_schema_id": schemas[0]["id"],
        }
        saved = await self.prefect.post("/block_documents/", json=document)
        assert saved.status_code == 201, saved.text

    async def _known(self) -> dict[str, str]:
        """Ids of devices by name."""
        found = (await self.api.get("/devices", params={"limit": 200})).json()
        return {device["name"]: device["id"] for device in found["items"]}

    async def _prepared(
        self, known: Mapping[str, str], device: EchoingDevice, base_url: str, key: str
    ) -> list[Document]:
        wrong, refused, told = [await self._credential(kind) for kind in _CREDENTIALS]
        device.password = next(s for s, kind in self.secrets.items() if kind == _ECHOED)
        echoing = await self._post(
            "/devices",
            {
                "name": "echo-1",
                "host": "127.0.0.1",
                "port": device.port,
                "platform": "ios",
                "credential": "canary-told",
            },
        )
        line = canary("-")
        self.secrets[line] = "Secret block"
        await self.block("secret", "canary-line", {"value": line})
        model = {"base_url": base_url, "model": "m", "api_key": key, "tool_choice": "required"}
        await self.block("netstacks-model-endpoint", "canary-model", model)
        refusing = await self._stack("frr", "blackhole {{ key }}\n", "spine-frr-02")
        taking = await self._stack("ios", "snmp-server community {{ key }} RO\n", "edge-sw-07")
        return [
            _backup("Wrong password", known["core-rtr-02"], credential_id=wrong),
            _backup("Refused key", known["spine-frr-01"], credential_id=refused),
            _backup("Echo", echoing["id"]),
            _task(
                "Wrong SNMP keys",
                "health_check",
                checks=["ssh", "snmp_sysname"],
                credential_id=wrong,
                **_target(known["core-rtr-02"]),
            ),
            _task(
                "Telling script",
                "custom_script",
                script=SCRIPT,
                credential_id=told,
                **_target(known["core-rtr-02"]),
            ),
            _task("Refused line", "deployment", stack_instance_id=refusing),
            _task("Deployed secret", "deployment", stack_instance_id=taking),
            _task(
                "Model refuses the key",
                "agent_task",
                prompt="Refuse me",
                model_block="canary-model",
            ),
            _task(
                "Model repeats the key",
                "agent_task",
                prompt="Repeat it",
                model_block="canary-model",
            ),
        ]

    async def _credential(self, kind: str) -> str:
        """One that is a canary throughout; two ways lead to it."""
        name = f"canary-{kind}"
        passphrase = canary()
        key = asyncssh.generate_private_key("ssh-ed25519").export_private_key(
            "openssh", passphrase=passphrase if kind == "refused" else None
        )
        fields: Document = {
            "private_key": key.decode(),
            "snmp_auth_protocol": "sha256",
            "snmp_auth_key": canary(),
            "snmp_priv_protocol": "aes128",
            "snmp_priv_key": canary(),
            "snmp_community": canary("-"),
            "enable_secret": canary(),
            "password": canary(),
        }
        if kind == "wrong":
            del fields["private_key"]
        if kind == "refused":
            fields["private_key_passphrase"] = passphrase
        for field_name, value in fields.items():
            if not field_name.endswith("protocol"):
                secret = key_line(value) if field_name == "private_key" else value
                self.secrets[secret] = f"{field_name} of {name}"
        fields |= {"username": "netops", "snmp_user": "netops-v3"}
        if kind == "told":
            return str((await self._post("/credentials", {"name": name, **fields}))["id"])
        await self.block("netstacks-device-credentials", name, fields)
        return str((await self._post("/credentials", {"name": name, "block": name}))["id"])

    async def _stack(self, platform: str, text: str, device: str) -> str:
        """An instance of a stack with a secret in it, for one device."""
        name = f"canary-{platform}"
        await self._post("/stacks", {"name": name, "templates": {f"{platform}/line": text}})
        document = {
            "name": name,
            "stack": name,
            "variables": {"key": {"secret_block": "canary-line"}},
            "devices": [device],
        }
        return str((await self._post("/stack-instances", document))["id"])

    async def _wrong_requests(self) -> None:
        """Secrets in the wrong place, by mistake; every one of them is refused."""
        secret = canary()
        self.secrets[secret] = "secret in a wrong request"
        login = {"name": "x", "username": "x"}
        for path, document in (
            ("/credentials", login | {"private_key": secret}),
            ("/credentials", login | {"pasword": secret}),
            ("/credentials", login | {"snmp_auth_protocol": secret}),
            ("/credentials", {"name": "x", "block": "y", "password": secret}),
            ("/users", {"name": "x", "role": secret, "password": secret}),
            ("/users", {"name": "x", "role": "viewer", "password": secret[:9]}),
            ("/tokens", {"name": "x", "role": "viewer", "expires_in_days": secret}),
        ):
            refused = await self.api.post(path, json=document)
            assert refused.status_code == 422, f"{path}: {refused.status_code} {refused.text}"
            self.answers.append(refused.content)
        for headers in ({"Authorization": f"Bearer {secret}"}, {"Cookie": f"session={secret}"}):
            refused = await self.api.get("/tasks", headers=headers)
            self.answers.append(refused.content)

    async def _started(self, task_id: str) -> str:
        for _ in range(300):
            asked = await self.api.post(f"/tasks/{task_id}/runs")
            if asked.status_code == 202:
                return str(asked.json()["run_id"])
            await asyncio.sleep(0.2)
        pytest.fail(asked.text)

    async def _ended(self, run: str) -> str:
        for _ in range(600):
            answer = await self.api.get(f"/runs/{run}")
            if answer.status_code == 200 and answer.json()["run"]["state"] in _ENDED:
                return str(answer.json()["run"]["state"])
            await asyncio.sleep(0.2)
        pytest.fail(answer.text)

    async def _post(self, path: str, document: Document) -> Document:
        answer = await self.api.post(path, json=document)
        assert answer.status_code == 201, answer.text
        self.answers.append(answer.content)
        found = answer.json()
        assert isinstance(found, dict)
        return found


_CREDENTIALS: Final = ("wrong", "refused", "told")
_ECHOED: Final = "password of canary-told"


@asynccontextmanager
async def _echoing() -> AsyncIterator[EchoingDevice]:
    async with speaking(EchoingDevice("netops", "", "")) as device:
        yield device


@asynccontextmanager
async def _telling_endpoint() -> AsyncIterator[tuple[str, str]]:
    """A model that knows its key and cannot keep it to itself; its address and the key."""
    key = canary("-._")

    def reply(body: Body) -> Reply:
        if any("Repeat" in str(message["content"]) for message in body["messages"]):
            missing = {"device": "core-rtr-02", "reason": f"no login with {key}"}
            return final(summary=f"The key is {key}", unreachable=[missing])
        return failure(401, f"Incorrect API key provided: {key}.", code="invalid_api_key")

    with chat_endpoint(reply) as endpoint:
        yield endpoint.base_url, key


def _task(name: str, kind: str, **parameters: object) -> Document:
    return {
        "name": f"Canary: {name}",
        "task_type": kind,
        "cron_expression": "0 0 1 1 *",
        "max_retries": 0,
        "timeout_seconds": 60,
        "parameters": {"type": kind, **parameters},
    }


def _backup(name: str, device: str, **more: object) -> Document:
    return _task(name, "backup", destination="canaries", **_target(device), **more)


def _target(device: str) -> Document:
    return {"target_type": "device", "target_id": device}
