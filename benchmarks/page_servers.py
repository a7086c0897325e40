"""The servers whose lists are compared: ours and Prefect's, each on a long history of its own."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.fleet.control import cpu_of
from benchmarks.page_history import Size, fill
from benchmarks.page_peer import fill_prefect
from netstacks_tasks.access import bearer, passwords
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.embedded.prefect_server import PrefectServer
from netstacks_tasks.store import users
from netstacks_tasks.store.database import Database

_PASSWORD = "only for a benchmark"  # noqa: S105 - nobody else reaches it
_AUTH = ("benchmark", _PASSWORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server, and a client of its that may see everything."""

    client: httpx.Client
    pid: int

    def cpu(self) -> float:
        """Seconds of CPU that it has used, without its database's."""
        return cpu_of(self.pid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Both, and where our history is."""

    ours: Server
    prefect: Server
    database_url: str


@asynccontextmanager
async def servers(folder: Path, size: Size, peer_runs: int) -> AsyncIterator[Servers]:
    """Start them in a folder, with their histories; gone at the end of the block."""
    # PostgreSQL may run under an account of its own.
    await asyncio.to_thread(folder.chmod, 0o711)
    async with AsyncExitStack() as exits:
        postgres = await exits.enter_async_context(
            EmbeddedPostgres(folder / "postgres", durable=False)
        )
        url, prefect = await asyncio.gather(
            _our_history(postgres, size),
            _prefect(exits, postgres, folder, size.tasks, peer_runs),
        )
        yield Servers(ours=await _ours(exits, url, folder), prefect=prefect, database_url=url)


async def _our_history(postgres: EmbeddedPostgres, size: Size) -> str:
    began = time.monotonic()
    url = await postgres.ensure_database("netstacks", role="netstacks", password=_PASSWORD)
    async with Database.open(url):
        pass
    await asyncio.to_thread(fill, postgres.url("netstacks"), size)
    _say(f"{size.tasks:,} tasks with {size.runs:,} runs made in {time.monotonic() - began:.0f} s")
    return url


async def _ours(exits: AsyncExitStack, url: str, folder: Path) -> Server:
    async with Database.open(url) as db:
        await users.create(db, "admin", "admin", await passwords.hashed(_PASSWORD))
        token = await bearer.issue(db, "benchmark", "admin")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from netstacks_tasks.cli.main import main; main()",
        "serve", "--port", "0",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(url, folder),
    )  # fmt: skip
    exits.push_async_callback(_ended, process)
    assert process.stdout is not None
    said = (await process.stdout.readline()).decode()
    at = said.removeprefix("The page: ").strip().rstrip("/")
    client = exits.enter_context(httpx.Client(base_url=at, trust_env=False, timeout=60))
    form = {"name": "admin", "password": _PASSWORD}
    signed_in = await asyncio.to_thread(client.post, "/sign-in", data=form)
    if signed_in.status_code != 303:
        raise RuntimeError(f"signing in was answered with {signed_in.status_code}: {said}")
    client.headers["Authorization"] = f"Bearer {token.text}"
    return Server(client=client, pid=process.pid)


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    return os.environ | {
        "NETSTACKS_DATABASE_URL": url,
        "NETSTACKS_STATE_DIR": str(folder / "state"),
    }


async def _ended(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    await process.wait()


async def _prefect(
    exits: AsyncExitStack, postgres: EmbeddedPostgres, folder: Path, deployments: int, runs: int
) -> Server:
    url = await postgres.ensure_database(
        "prefect", role="prefect", password=_PASSWORD, extensions=["pg_trgm"]
    )
    server = PrefectServer(
        folder / "prefect",
        database_url=url,
        auth_string=":".join(_AUTH),
        port=0,
        log=folder / "prefect.log",
    )
    await server.start()
    exits.push_async_callback(server.stop)
    client = exits.enter_context(
        httpx.Client(base_url=f"{server.api_url}/", auth=_AUTH, trust_env=False, timeout=60)
    )
    began = time.monotonic()
    await asyncio.to_thread(fill_prefect, client, postgres.url("prefect"), deployments, runs)
    _say(
        f"{deployments:,} deployments with {runs:,} runs made in Prefect's database "
        f"in {time.monotonic() - began:.0f} s"
    )
    if server.process is None or server.process.pid is None:
        raise RuntimeError("the Prefect server does not run")
    return Server(client=client, pid=server.process.pid)


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)
