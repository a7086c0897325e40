"""Everything on one machine: PostgreSQL, the Prefect server, a worker and the sync.

What is given by the settings (a database, a Prefect server) is used; the rest is
started here, kept running, and stopped again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from netstacks_tasks.embedded import connection, prefect_context
from netstacks_tasks.embedded.block_documents import save_block_documents
from netstacks_tasks.embedded.databases import Databases, embedded_databases, given_databases
from netstacks_tasks.embedded.environment import tunables
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.embedded.prefect_key import own_encryption_key
from netstacks_tasks.embedded.prefect_login import login_file, own_auth_string
from netstacks_tasks.embedded.prefect_server import PrefectServer
from netstacks_tasks.embedded.processes import SupervisedProcess
from netstacks_tasks.embedded.sync_service import sync_running
from netstacks_tasks.embedded.worker import Worker
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.settings import Settings

logger = logging.getLogger(__name__)


class Stack:
    """An async context manager: inside it everything runs.

    Example:
        ```python
        async with Stack(load_settings(), say=print) as stack:
            print(stack.ui_url)
        ```
    """

    def __init__(
        self,
        settings: Settings,
        *,
        say: Callable[[str], None] = logger.info,
        sync: bool = True,
        worker_environment: Mapping[str, str] | None = None,
        durable: bool = True,
    ) -> None:
        """Describe it.

        Args:
            settings: what to use and where to keep state.
            say: told, in sentences, what happens.
            sync: keep Prefect's deployments equal to the tasks meanwhile.
            worker_environment: more variables for the flow runs.
            durable: False for throw-away data: no waiting for the disk.
        """
        self.settings = settings
        self._say = say
        self._sync = sync
        self._worker_environment = dict(worker_environment or {})
        self._durable = durable
        self._exits = AsyncExitStack()
        self._databases: Databases | None = None
        self._api_url: str | None = None
        self._auth_string: str | None = None
        self.postgres: EmbeddedPostgres | None = None
        """None while it is not ours."""
        self.server: PrefectServer | None = None
        """None while it is not ours."""
        self.worker: Worker | None = None

    @property
    def state_dir(self) -> Path:
        return self.settings.state_dir

    @property
    def logs(self) -> Path:
        return self.state_dir / "logs"

    @property
    def prefect_home(self) -> Path:
        return self.state_dir / "prefect"

    @property
    def config_store(self) -> Path:
        """Where the newest configuration of each device also lies as a file."""
        return self.state_dir / "configs"

    @property
    def database_url(self) -> str:
        if self._databases is None:
            raise ConfigurationError("the stack is not running: start it first")
        return self._databases.netstacks

    @property
    def api_url(self) -> str:
        if self._api_url is None:
            raise ConfigurationError("the stack is not running: start it first")
        return self._api_url

    @property
    def ui_url(self) -> str:
        return self.api_url.removesuffix("/api")

    @property
    def login_file(self) -> Path | None:
        """Where the login of our own Prefect server is kept; None: the server is not ours."""
        return None if self._auth_string is None else login_file(self.state_dir)

    @property
    def processes(self) -> tuple[SupervisedProcess, ...]:
        """The running programs of ours."""
        owners = (self.postgres, self.server, self.worker)
        return tuple(p for owner in owners if owner is not None and (p := owner.process))

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except OSError as error:
            await self._exits.aclose()
            raise ConfigurationError(
                f"cannot keep state in {self.state_dir} ({error}): mend that, or set "
                "NETSTACKS_STATE_DIR to a folder this user may write to"
            ) from error
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    async def save_credentials(self, credentials: Mapping[str, Mapping[str, Any]]) -> None:
        """Save device credentials as Prefect blocks, by block name."""
        await save_block_documents(
            api_url=self.api_url, home=self.prefect_home, device_credentials=credentials
        )

    async def save_model(self, name: str, fields: Mapping[str, Any]) -> None:
        """Save a model endpoint as a Prefect block."""
        await save_block_documents(
            api_url=self.api_url, home=self.prefect_home, model_endpoints={name: fields}
        )

    async def has_model(self, name: str) -> bool:
        """Whether there is a model endpoint of that name."""
        # Prefect reads its environment when it is imported: only once this has set it.
        from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

        from netstacks_tasks.sync.prefect_errors import open_client, translated  # noqa: PLC0415

        kind = "netstacks-model-endpoint"
        async with open_client(self.api_url) as client, translated("read the blocks"):
            try:
                await client.read_block_document_by_name(name, kind, include_secrets=False)
            except ObjectNotFound:
                return False
        return True

    def kill(self) -> None:
        """End every program without ceremony; leaving the context then has little to wait for."""
        for process in self.processes:
            process.kill()

    async def _start(self) -> None:
        self._make_state_dir()
        lock = connection.StackLock(self.state_dir)
        lock.take()
        self._exits.callback(lock.release)
        self._databases = await self._start_databases()
        self._api_url = await self._start_server(self._databases)
        self._exits.enter_context(
            prefect_context.pointed_at(
                self._api_url, home=self.prefect_home, auth_string=self._auth_string
            )
        )
        await self._prepare()
        await self._start_worker()
        if self._sync:
            await self._exits.enter_async_context(
                sync_running(self.database_url, self.api_url, self.settings.work_pool)
            )
            self._say("The sync keeps Prefect's deployments equal to the tasks.")
        connection.announce(
            self.state_dir,
            connection.Connection(
                database_url=self.database_url,
                prefect_api_url=self.api_url,
                prefect_auth_string=self._auth_string,
                work_pool=self.settings.work_pool,
                pid=os.getpid(),
            ),
        )
        self._exits.callback(connection.withdraw, self.state_dir)

    def _make_state_dir(self) -> None:
        if not self.state_dir.exists():
            self.state_dir.mkdir(parents=True)
            # As root, the account PostgreSQL runs under must be able to pass. A
            # folder that was there before keeps the mode its owner gave it.
            self.state_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.logs, self.prefect_home, self.config_store):
            folder.mkdir(exist_ok=True, mode=0o700)

    async def _start_databases(self) -> Databases:
        if self.settings.database_url is not None:
            self._say("Using the PostgreSQL of NETSTACKS_DATABASE_URL.")
            return await given_databases(self.settings)
        postgres = EmbeddedPostgres(
            self.state_dir / "postgres",
            port=self.settings.postgres_port,
            log=self.logs / "postgres.log",
            durable=self._durable,
        )
        await self._exits.enter_async_context(postgres)
        self.postgres = postgres
        self._say(f"PostgreSQL runs on port {postgres.port.number}{_because(postgres.port.notice)}")
        return await embedded_databases(postgres, self.state_dir)

    async def _start_server(self, databases: Databases) -> str:
        if databases.prefect is None or self.settings.prefect_api_url is not None:
            self._say(f"Using the Prefect server at {self.settings.prefect_api_url}.")
            return str(self.settings.prefect_api_url)
        auth_string = own_auth_string(self.state_dir)
        server = PrefectServer(
            self.prefect_home,
            database_url=databases.prefect,
            auth_string=auth_string,
            # Where the database is elsewhere, so is whoever sees that its key is not lost.
            encryption_key=None
            if self.postgres is None
            else await own_encryption_key(self.state_dir, databases.prefect),
            port=self.settings.prefect_port,
            log=self.logs / "prefect-server.log",
        )
        await server.start()
        self._exits.push_async_callback(server.stop)
        self.server = server
        self._auth_string = auth_string
        self._say(f"Prefect runs at {server.address}{_because(server.port.notice)}")
        return server.api_url

    async def _prepare(self) -> None:
        """The schema, the work pool and the block documents."""
        # Prefect reads its environment when it is imported, so not before now.
        from netstacks_tasks.store.database import Database  # noqa: PLC0415
        from netstacks_tasks.sync.prefect_errors import (  # noqa: PLC0415
            PrefectLoginRefused,
            PrefectUnavailable,
        )
        from netstacks_tasks.sync.prefect_gateway import PrefectGateway  # noqa: PLC0415

        async with Database.open(self.database_url, migrate=True):
            pass
        try:
            async with PrefectGateway.open(self.api_url) as gateway:
                await gateway.ensure_work_pool(self.settings.work_pool)
        except PrefectLoginRefused:
            raise
        except PrefectUnavailable as error:
            raise ConfigurationError(
                f"no Prefect server answers at {self.api_url}: start it, correct PREFECT_API_URL, "
                "or unset it to have one started here"
            ) from error
        await save_block_documents(
            api_url=self.api_url,
            home=self.prefect_home,
            database_url=self.database_url,
            config_store_root=self.config_store,
        )

    def _metrics_of_worker(self) -> dict[str, str]:
        """A process of its own has a port of its own: the next one."""
        port = self.settings.metrics_port
        return {"NETSTACKS_METRICS_PORT": str(port + 1)} if port else {}

    async def _start_worker(self) -> None:
        worker = Worker(
            self.prefect_home,
            api_url=self.api_url,
            pool=self.settings.work_pool,
            limit=self.settings.worker_limit,
            log=self.logs / "worker.log",
            environment=tunables() | self._metrics_of_worker() | self._worker_environment,
        )
        await worker.start()
        self._exits.push_async_callback(worker.stop)
        self.worker = worker
        self._say(f"A worker serves the work pool {self.settings.work_pool!r}.")


def _because(notice: str) -> str:
    return f" ({notice})." if notice else "."
