"""The blocks, on a real Prefect server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from prefect.blocks.core import Block
from prefect.testing.standard_test_suites.blocks import BlockStandardTestSuite
from pydantic import SecretStr, ValidationError

from blocks import ConfigStore, DeviceCredentials, ModelEndpoint, SqlAlchemyConnector
from blocks.documents import (
    BLOCKS,
    BlockDocuments,
    database_block,
    database_url,
    register,
)
from netstacks_tasks.cli.checks.prefect_server import prefect_server
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.sync.prefect_errors import open_client

OWN: list[type[Block]] = [ConfigStore, DeviceCredentials, ModelEndpoint]
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nY2FuYXJ5LWtleQ==\n-----END OPENSSH PRIVATE KEY-----\n"
SECRETS: dict[str, Any] = {
    "username": "netops",
    "password": "canary-password",
    "private_key": KEY,
    "private_key_passphrase": "canary-passphrase",
    "enable_secret": "canary-enable",
    "snmp_community": "canary-community",
    "snmp_user": "netops-v3",
    "snmp_auth_protocol": "sha256",
    "snmp_auth_key": "canary-auth-key",
    "snmp_priv_protocol": "aes128",
    "snmp_priv_key": "canary-priv-key",
}


@pytest.mark.parametrize("block", OWN)
class TestStandards(BlockStandardTestSuite):
    """Prefect's own standards for the blocks of a collection."""

    @pytest.fixture
    def block(self, block: type[Block]) -> type[Block]:
        return block

    def test_has_a_valid_image(self, block: type[Block]) -> None:
        """Without fetching it: tests stay on this machine."""
        assert str(block._logo_url).startswith("https://")
        assert str(block._logo_url).endswith(".png")


def test_secrets_are_in_no_text_of_a_block() -> None:
    credentials = DeviceCredentials(**SECRETS)
    for text in (repr(credentials), str(credentials), credentials.model_dump_json()):
        assert "canary" not in text
        assert "Y2FuYXJ5" not in text
    endpoint = ModelEndpoint(
        base_url="http://127.0.0.1/v1", model="m", api_key=SecretStr("canary-key")
    )
    assert "canary" not in repr(endpoint) + endpoint.model_dump_json()


def test_the_adapters_get_every_secret() -> None:
    credential = DeviceCredentials(**SECRETS).get_client()
    for name, value in SECRETS.items():
        held = getattr(credential, name)
        assert (held.get_secret_value() if isinstance(held, SecretStr) else held) == value


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"username": ""}, "at least 1 character"),
        ({"username": "a\nb"}, "without control characters"),
        ({"private_key": "~/.ssh/id_rsa"}, "paste the whole private key"),
        ({"private_key": None}, "no private_key it could open"),
        ({"snmp_auth_key": "canary"}, "8 characters"),
        ({"snmp_auth_key": None}, "snmp_auth_key: needed"),
        ({"snmp_priv_protocol": "none"}, "snmp_priv_protocol: say which"),
        ({"snmp_auth_protocol": "none", "snmp_auth_key": None}, "encrypts only what"),
        ({"snmp_user": None}, "name of its user"),
        ({"pasword": "x"}, "pasword"),
    ],
)
def test_a_wrong_credential_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message) as refused:
        DeviceCredentials(**SECRETS | changes)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("root", ["configs", "~/configs", "", "/a\0b"])
def test_a_relative_config_store_is_refused(root: str) -> None:
    with pytest.raises(ValidationError, match="absolute path"):
        ConfigStore(root=root)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:80",
        "ftp://x",
        "http://user:canary@x/v1",
        "http://169.254.169.254/latest",
        "http://[::ffff:169.254.169.254]:80/v1",
        "http://metadata.google.internal./v1",
        "http://0.0.0.0:8080/v1",
    ],
)
def test_a_wrong_model_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ModelEndpoint(base_url=url, model="m")
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p%40ss%2Fword@127.0.0.1:55432/netstacks",
        "postgresql://u@127.0.0.1:5432/netstacks?sslmode=disable",
        "postgresql://u@/netstacks?host=%2Frun%2Fpostgresql",
    ],
)
def test_a_database_url_comes_back_as_it_was(url: str) -> None:
    from psycopg.conninfo import conninfo_to_dict

    block = database_block(url)
    assert conninfo_to_dict(database_url(block)) == conninfo_to_dict(url)
    assert "p@ss" not in repr(block)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{", ""),
        ('{"databas_url": "x"}', "databas_url"),
        ('{"device_credentials": {"edge": {"password": "canary"}}}', "edge.username"),
        ('{"database_url": "mysql://canary@x/y"}', "database_url"),
        ('{"database_url": "postgresql://u:canary@x:port/y"}', "database_url"),
    ],
)
def test_wrong_documents_are_refused(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        BlockDocuments.parse(text).blocks()
    assert refused.value.problems[0].field == field
    assert "canary" not in str(refused.value)


@pytest_asyncio.fixture(scope="module")
async def api_url(prefect_stack: Stack) -> AsyncIterator[str]:
    yield prefect_stack.api_url
    # Other tests' flow runs read them.
    documents = {
        "database_url": prefect_stack.database_url,
        "config_store_root": str(prefect_stack.config_store),
    }
    await register(BlockDocuments.model_validate(documents))


def login() -> tuple[str, str]:
    """Of the server: its user and password."""
    user, password = os.environ["PREFECT_API_AUTH_STRING"].split(":")
    return user, password


def _run(arguments: list[str], api_url: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env=os.environ | {"PREFECT_API_URL": api_url},
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_prefect_registers_all_of_them(api_url: str) -> None:
    ended = _run(["prefect", "block", "register", "-m", "blocks"], api_url)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for kind in BLOCKS:
        assert kind.get_block_type_name() in ended.stdout
        slug = kind.get_block_type_slug()
        answer = httpx.get(f"{api_url}/block_types/slug/{slug}", auth=login())
        assert answer.status_code == 200, slug


def test_documents_are_saved_and_loaded(api_url: str, tmp_path: Path) -> None:
    documents = {
        "database_url": "postgresql://u:canary-db@127.0.0.1:1/netstacks",
        "config_store_root": str(tmp_path),
        "device_credentials": {"edge": SECRETS},
        "model_endpoints": {"local": {"base_url": "http://127.0.0.1:1/v1", "model": "m"}},
    }
    for _ in range(2):
        ended = _run(["blocks"], api_url, json.dumps(documents))
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.split() == [
            "netstacks-database",
            "netstacks-config-store",
            "edge",
            "local",
        ]
        assert "canary" not in ended.stdout + ended.stderr

    shown = httpx.post(f"{api_url}/block_documents/filter", json={}, auth=login()).text
    assert '"edge"' in shown
    assert "canary" not in shown
    loaded = DeviceCredentials.load("edge", _sync=True)  # type: ignore[call-arg] # Prefect's switch
    assert isinstance(loaded, DeviceCredentials)
    assert loaded.get_client().private_key is not None
    database = SqlAlchemyConnector.load("netstacks-database", _sync=True)
    assert database_url(database) == documents["database_url"]


def test_a_refused_document_saves_nothing(api_url: str) -> None:
    documents = {"device_credentials": {"good": SECRETS, "bad": {"username": ""}}}
    ended = _run(["blocks"], api_url, json.dumps(documents))
    assert ended.returncode == 2
    assert "bad.username" in ended.stderr
    assert (
        '"good"' not in httpx.post(f"{api_url}/block_documents/filter", json={}, auth=login()).text
    )


async def test_a_server_that_shows_them_to_everybody_is_told(api_url: str) -> None:
    # Whoever goes to this address is let in, as by a server that has no login.
    user, password = login()
    async with open_client(api_url.replace("//", f"//{user}:{password}@")) as client:
        found = {one.subject: one async for one in prefect_server(client, "no-such-pool")}
    assert found["Prefect's login"].status == "warn"
    assert "PREFECT_SERVER_API_AUTH_STRING" in found["Prefect's login"].mend


def test_a_server_that_does_not_answer_is_told_in_a_line() -> None:
    ended = _run(["blocks"], "http://127.0.0.1:9/api", "{}")
    assert ended.returncode == 3
    assert ended.stderr.startswith("could not save the blocks: no answer from Prefect")
    assert len(ended.stderr.splitlines()) == 1
