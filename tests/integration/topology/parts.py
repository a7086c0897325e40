"""The processes of an installation on more than one machine, all on this one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from netstacks_tasks.embedded import ports
from netstacks_tasks.embedded.environment import prefect_environment
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.embedded.prefect_context import pointed_at
from netstacks_tasks.embedded.prefect_login import AUTH_STRING
from netstacks_tasks.embedded.prefect_server import asyncpg_url, is_serving
from netstacks_tasks.embedded.processes import Program, SupervisedProcess
from netstacks_tasks.embedded.worker import Worker
from tests.integration.topology.balancer import Address, Balancer

REDIS = "/usr/bin/redis-server"
REDIS_URLS = (
    "PREFECT_REDIS_MESSAGING_URL",
    "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL",
    "PREFECT_SERVER_DOCKET_URL",
)
"""Each of them looks for it at localhost unless it is told."""
_SPARED = {"PREFECT_SERVER_UI_ENABLED": "false"}
ROOT = Path(__file__).parents[3]


def shipped_settings() -> dict[str, str]:
    """Those of the servers, as `deployments/` has them."""
    lines = (ROOT / "deployments" / "prefect-server.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass
class Parts:
    """What runs: servers by name, workers by pool."""

    folder: Path
    database_url: str
    api_url: str
    auth_string: str
    balancer: Balancer
    addresses: dict[str, Address]
    """Of the two servers."""
    servers: SupervisedProcess
    workers: dict[str, Worker] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    async def start_worker(self, pool: str) -> None:
        """A worker in a pool: another one, when the one before was killed."""
        name = f"{pool}-{secrets.token_hex(3)}"
        worker = Worker(
            self.folder / name,
            api_url=self.api_url,
            pool=pool,
            limit=10,
            log=self.folder / f"{name}.log",
            environment={AUTH_STRING: self.auth_string},
        )
        worker.name = name
        await worker.start()
        self.workers[pool] = worker

    def kill_worker(self, pool: str) -> None:
        """Its machine is gone, and with it all its runs."""
        process = self.workers[pool].process
        assert process is not None
        assert process.pid is not None
        family = _family(process.pid)
        process.kill()
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_server(self, name: str) -> None:
        """`server-1`, `server-2` or `services`; it does not come back."""
        os.kill(int((self.folder / f"{name}.pid").read_text()), signal.SIGKILL)


def _family(pid: int) -> list[int]:
    """The processes that it has started, and theirs."""
    found = []
    with contextlib.suppress(OSError):  # whoever ends meanwhile has none
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *_family(child)]
    return found


@asynccontextmanager
async def running(
    folder: Path, postgres: EmbeddedPostgres, database_url: str, pools: list[str]
) -> AsyncIterator[Parts]:
    """Redis, two Prefect servers behind a balancer, background services, a worker per pool."""
    auth_string = f"netstacks:{secrets.token_urlsafe(12)}"
    async with AsyncExitStack() as stack:
        prefect = await postgres.ensure_database(
            "prefect_of_the_topology", role="prefect_topology", password=secrets.token_hex(8),
            extensions=["pg_trgm"],
        )  # fmt: skip
        redis_url = await _redis(folder, stack)
        secret = {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": asyncpg_url(prefect),
            **dict.fromkeys(REDIS_URLS, redis_url),
            "PREFECT_SERVER_API_AUTH_STRING": auth_string,
            AUTH_STRING: auth_string,
        }
        environment = prefect_environment(folder / "home", shipped_settings() | secret | _SPARED)
        (folder / "home").mkdir()
        chosen = {name: ports.choose(0).number for name in ("server-1", "server-2")}
        addresses = {name: (ports.LOOPBACK, port) for name, port in chosen.items()}
        balancer = Balancer(list(addresses.values()))
        await stack.enter_async_context(balancer.serving())
        api_url = f"http://{ports.LOOPBACK}:{balancer.port}/api"
        environment["PREFECT_API_URL"] = api_url
        servers = _servers(folder, environment, list(chosen.values()))
        parts = Parts(folder, database_url, api_url, auth_string, balancer, addresses, servers)
        stack.push_async_callback(_end, parts)
        await servers.start()
        stack.enter_context(pointed_at(api_url, home=parts.home, auth_string=auth_string))
        await asyncio.gather(*(parts.start_worker(pool) for pool in pools))
        yield parts


async def _end(parts: Parts) -> None:
    """At once: none of it is needed again."""
    processes = [parts.servers, *(one.process for one in parts.workers.values())]
    started = [process for process in processes if process is not None]
    for process in started:
        process.kill()
    await asyncio.gather(*(process.stop() for process in started))


async def _redis(folder: Path, stack: AsyncExitStack) -> str:
    """Its URL, with a password that is on no command line."""
    password, port = secrets.token_hex(12), ports.choose(0).number
    process = await asyncio.create_subprocess_exec(
        REDIS, "-", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, cwd=folder
    )
    assert process.stdin is not None
    lines = (
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        'save ""',
        "appendonly no",
    )
    process.stdin.write("\n".join(lines).encode())
    process.stdin.close()

    async def stop() -> None:
        process.terminate()
        await process.wait()

    stack.push_async_callback(stop)
    for _ in range(200):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(ports.LOOPBACK, port)
            writer.close()
            return f"redis://:{password}@127.0.0.1:{port}/0"
        await asyncio.sleep(0.05)
    raise AssertionError("Redis did not start")


def _servers(
    folder: Path, environment: Mapping[str, str], chosen: Sequence[int]
) -> SupervisedProcess:
    async def ready() -> bool:
        urls = [f"http://{ports.LOOPBACK}:{port}/api" for port in chosen]
        return all(await asyncio.gather(*map(is_serving, urls)))

    return SupervisedProcess(
        Program(
            name="The servers",
            argv=[
                *(sys.executable, "-P", "-m", "tests.integration.topology.servers"),
                *(str(folder), *map(str, chosen)),
            ],
            env={**environment, "PYTHONPATH": str(ROOT)},
            log=folder / "servers.log",
            ready=ready,
            start_timeout=120,
            advice="Read the logs beside it.",
            cwd=folder,
        )
    )
