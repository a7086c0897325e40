"""The whole stack as a program: started, killed, started again, its parts killed."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from websockets import ConnectionClosed, Subprotocol
from websockets.asyncio.client import connect

from blocks.documents import database_block, database_url
from netstacks_tasks.embedded.connection import running_stack
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.embedded.up import stay_up
from netstacks_tasks.errors import ConfigurationError, NetstacksError
from netstacks_tasks.settings import Settings

_PREFECT = "PREFECT_API_"
_STARTER = """
import asyncio, sys
from pathlib import Path
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.settings import Settings
async def main():
    settings = Settings(state_dir=Path(sys.argv[1]), postgres_port=0, prefect_port=0)
    async with Stack(settings, sync=False, durable=False) as stack:
        print(*[p.pid for p in stack.processes], flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


def settings_for(folder: Path, **more: object) -> Settings:
    return Settings.model_validate(
        {
            "state_dir": folder,
            "postgres_port": 0,
            "prefect_port": 0,
            # The fixture's server is in the environment of the tests.
            "prefect_api_url": None,
        }
        | more
    )


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(900):
        if await condition():
            return
        await asyncio.sleep(0.1)
    pytest.fail("it never came true")


async def serves(api_url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            return (await client.get(f"{api_url}/ready")).status_code == 200
    except httpx.HTTPError:
        return False


async def online_workers(api_url: str, auth_string: str | None = None) -> set[str]:
    headers = login(auth_string)
    async with httpx.AsyncClient(timeout=5, trust_env=False, headers=headers) as client:
        try:
            answer = await client.post(f"{api_url}/work_pools/netstacks/workers/filter", json={})
        except httpx.HTTPError:
            return set()
    return {worker["name"] for worker in answer.json() if worker["status"] == "ONLINE"}


def login(auth_string: str | None = None) -> dict[str, str]:
    """The header that says who we are, to the server of the environment unless said otherwise."""
    auth_string = auth_string or os.environ["PREFECT_API_AUTH_STRING"]
    encoded = base64.b64encode(auth_string.encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


def command_lines() -> str:
    """The arguments of every process of the machine."""
    done = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True)
    return done.stdout


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, list[int]]]:
    """A stack in a process of its own, and the pids of its parts."""
    starter = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _STARTER,
        str(folder),
        stdout=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if not name.startswith(_PREFECT)},
    )
    try:
        assert starter.stdout is not None
        yield starter, [int(pid) for pid in (await starter.stdout.readline()).split()]
    finally:
        if starter.returncode is None:
            starter.kill()
        await starter.wait()


async def test_the_fixture_is_complete(prefect_stack: Stack) -> None:
    assert os.environ["PREFECT_API_URL"] == prefect_stack.api_url
    async with httpx.AsyncClient(timeout=10, trust_env=False, headers=login()) as client:
        ui = await client.get(prefect_stack.ui_url, follow_redirects=True)
        documents = await client.post(f"{prefect_stack.api_url}/block_documents/filter", json={})
        pool = await client.get(f"{prefect_stack.api_url}/work_pools/netstacks")
    assert "<div id=" in ui.text
    assert {"netstacks-database", "netstacks-config-store"} <= {
        document["name"] for document in documents.json()
    }
    assert pool.json()["type"] == "netstacks"
    assert prefect_stack.database_url not in documents.text


async def test_no_secret_stands_where_others_can_read(prefect_stack: Stack) -> None:
    connection = running_stack(prefect_stack.state_dir)
    assert connection is not None
    assert connection.database_url == prefect_stack.database_url
    assert connection.pid == os.getpid()
    password = connection.database_url.split(":")[2].split("@")[0]
    assert password not in repr(connection)
    assert password not in command_lines()
    kept = ("connection.json", "passwords.json", "prefect-auth-string", "postgres/admin-password")
    for name in kept:
        assert stat.S_IMODE((prefect_stack.state_dir / name).stat().st_mode) == 0o600
    logs = "".join(log.read_text() for log in prefect_stack.logs.iterdir())
    assert password not in logs


async def test_prefect_shows_nothing_without_its_login(prefect_stack: Stack) -> None:
    api = prefect_stack.api_url
    wrong = base64.b64encode(b"netstacks:canary").decode()
    async with httpx.AsyncClient(timeout=10, trust_env=False) as stranger:
        for given in ({}, {"Authorization": f"Basic {wrong}"}, {"Authorization": "Bearer canary"}):
            for path in ("block_documents/filter", "flow_runs/filter", "deployments/filter"):
                answer = await stranger.post(
                    f"{api}/{path}", json={"include_secrets": True}, headers=given
                )
                assert answer.status_code == 401, path
                assert answer.json() == {"exception_message": "Unauthorized"}
        for path in ("admin/settings", "variables/name/x", "blocks/ready", "docs"):
            assert (await stranger.get(f"{api}/{path}")).status_code == 401, path
        assert (await stranger.get(f"{api}/ready")).json() == {"message": "OK"}
        settings = (await stranger.get(f"{prefect_stack.ui_url}/ui-settings")).json()
    assert settings["auth"] == "BASIC", "its page asks for the login"


@pytest.mark.parametrize("path", ["events/out", "logs/out"])
async def test_prefect_streams_nothing_without_its_login(prefect_stack: Stack, path: str) -> None:
    address = f"{prefect_stack.api_url.replace('http', 'ws', 1)}/{path}"
    async with connect(address, subprotocols=[Subprotocol("prefect")], proxy=None) as stranger:
        await stranger.send(json.dumps({"type": "auth", "token": "netstacks:canary"}))
        with pytest.raises(ConnectionClosed, match="Invalid token"):
            await stranger.recv()


async def test_the_login_of_prefect_is_told_to_nobody(prefect_stack: Stack) -> None:
    connection = running_stack(prefect_stack.state_dir)
    assert connection is not None
    auth_string = connection.prefect_auth_string
    assert auth_string == os.environ["PREFECT_API_AUTH_STRING"]
    assert prefect_stack.login_file is not None
    assert prefect_stack.login_file.read_text() == f"{auth_string}\n"
    user, password = auth_string.split(":")
    assert user == "netstacks"
    encoded = login()["Authorization"].split()[1]
    said: list[str] = []
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stay_up(prefect_stack, said.append), 0.1)
    assert any(str(prefect_stack.login_file) in line for line in said)
    places = {
        "arguments": command_lines(),
        "logs": "".join(log.read_text() for log in prefect_stack.logs.iterdir()),
        "what `up` says": "\n".join(said),
        "reprs": f"{connection!r}{[one.program for one in prefect_stack.processes]!r}",
    }
    found = [name for name, text in places.items() if password in text or encoded in text]
    assert found == []


async def test_a_second_stack_on_the_same_state_is_refused(prefect_stack: Stack) -> None:
    with pytest.raises(ConfigurationError, match=f"running or starting already.*{os.getpid()}"):
        async with Stack(settings_for(prefect_stack.state_dir)):
            pass
    assert await serves(prefect_stack.api_url)


@pytest.mark.parametrize("part", ["postgres", "server", "worker"])
async def test_a_killed_part_comes_back(prefect_stack: Stack, part: str) -> None:
    owner = getattr(prefect_stack, part)
    process = owner.process
    before = process.pid
    os.kill(before, signal.SIGKILL)

    async def back() -> bool:
        return (
            process.pid not in (None, before)
            and await serves(prefect_stack.api_url)
            and prefect_stack.worker is not None
            and prefect_stack.worker.name in await online_workers(prefect_stack.api_url)
        )

    await eventually(back)
    async with await psycopg.AsyncConnection.connect(prefect_stack.database_url) as connection:
        row = await (await connection.execute("SELECT count(*) FROM tasks")).fetchone()
    assert row is not None


async def test_a_killed_stack_leaves_nothing_and_its_state_is_used_again_until_ctrl_c(
    public_tmp: Path,
) -> None:
    folder = public_tmp / "killed stack"
    async with started(folder) as (starter, killed):
        assert len(killed) == 3
        connection = running_stack(folder)
        assert connection is not None
        async with await psycopg.AsyncConnection.connect(connection.database_url) as session:
            await session.execute("CREATE TABLE kept AS SELECT 1 AS x")
        starter.kill()
        await starter.wait()
    assert running_stack(folder) is None
    kept = (folder / "prefect-auth-string").read_text().strip()
    assert kept == connection.prefect_auth_string
    assert kept != os.environ.get("PREFECT_API_AUTH_STRING"), "another stack has another one"
    # As in a folder of a version that had none.
    (folder / "prefect-auth-string").unlink()
    # At once, while the parts of the killed one may still be ending.
    async with started(folder) as (starter, pids):
        again = running_stack(folder)
        assert again is not None
        async with await psycopg.AsyncConnection.connect(again.database_url) as session:
            row = await (await session.execute("SELECT x FROM kept")).fetchone()
        assert row == (1,)
        assert again.database_url.split("@")[0] == connection.database_url.split("@")[0]
        made = (folder / "prefect-auth-string").read_text().strip()
        assert made not in {"", kept}
        assert again.prefect_auth_string == made
        assert await online_workers(again.prefect_api_url, made)

        async def gone() -> bool:
            return not alive(killed)

        await eventually(gone)
        starter.send_signal(signal.SIGINT)
        await starter.wait()
        assert not alive(pids)
    assert running_stack(folder) is None
    assert not (folder / "connection.json").exists()


async def test_a_given_database_and_a_given_server_are_used(
    prefect_stack: Stack, postgres: EmbeddedPostgres, public_tmp: Path
) -> None:
    url = await postgres.ensure_database("given", role="given", password="a b/c")
    said: list[str] = []
    settings = settings_for(
        public_tmp / "given",
        database_url=url,
        prefect_api_url=prefect_stack.api_url,
        work_pool="given-pool",
    )
    # As the flow runs get it: saved as a block, and made a URL again.
    through_a_block = database_url(database_block(url))
    async with await psycopg.AsyncConnection.connect(through_a_block) as session:
        assert session.info.password == "a b/c"
    async with Stack(settings, sync=False, say=said.append) as stack:
        assert stack.postgres is None
        assert stack.server is None
        assert stack.login_file is None
        assert not (public_tmp / "given" / "prefect-auth-string").exists()
        assert stack.database_url == url
        assert len(stack.processes) == 1
    assert "a b/c" not in json.dumps(said)
    assert os.environ["PREFECT_API_URL"] == prefect_stack.api_url


async def test_a_server_for_a_given_database_gets_one_beside_it(
    postgres: EmbeddedPostgres, public_tmp: Path
) -> None:
    url = await postgres.ensure_database("beside", role="beside", password="secret")
    with pytest.raises(ConfigurationError, match="NETSTACKS_PREFECT_DATABASE_URL") as raised:
        async with Stack(settings_for(public_tmp / "beside", database_url=url), sync=False):
            pass
    assert "secret" not in str(raised.value)
    settings = settings_for(public_tmp / "beside", database_url=postgres.url("beside"))
    async with (
        Stack(settings, sync=False) as stack,
        await psycopg.AsyncConnection.connect(postgres.url("beside_prefect")) as session,
    ):
        row = await (await session.execute("SELECT count(*) FROM work_pool")).fetchone()
        assert row == (1,)
        assert stack.server is not None


async def test_a_given_server_that_refuses_the_login_is_told(
    prefect_stack: Stack, public_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_AUTH_STRING")
    settings = settings_for(public_tmp / "refused", prefect_api_url=prefect_stack.api_url)
    with pytest.raises(NetstacksError, match="set PREFECT_API_AUTH_STRING"):
        async with Stack(settings, durable=False):
            pass


@pytest.mark.parametrize(
    ("variable", "named"),
    [
        ("database_url", "NETSTACKS_DATABASE_URL"),
        ("prefect_api_url", "PREFECT_API_URL"),
    ],
)
async def test_what_is_given_and_dead_is_named(public_tmp: Path, variable: str, named: str) -> None:
    dead = {
        "database_url": "postgresql://someone:hidden@127.0.0.1:9/nothing",
        "prefect_api_url": "http://127.0.0.1:9/api",
    }[variable]
    with pytest.raises(ConfigurationError, match=named) as raised:
        async with Stack(settings_for(public_tmp / "dead", **{variable: dead}), durable=False):
            pass
    assert "hidden" not in str(raised.value)
    assert running_stack(public_tmp / "dead") is None


async def test_a_folder_that_was_there_keeps_its_mode(public_tmp: Path) -> None:
    there = public_tmp / "there"
    there.mkdir()
    there.chmod(0o1777)
    settings = settings_for(there, prefect_api_url="http://127.0.0.1:9/api")
    with pytest.raises(ConfigurationError, match="PREFECT_API_URL"):
        async with Stack(settings, durable=False):
            pass
    assert stat.S_IMODE(there.stat().st_mode) == 0o1777


async def test_a_state_folder_that_cannot_be_made_is_named(public_tmp: Path) -> None:
    (public_tmp / "a file").write_text("")
    with pytest.raises(ConfigurationError, match=r"a file/state.*NETSTACKS_STATE_DIR"):
        async with Stack(settings_for(public_tmp / "a file" / "state")):
            pass
