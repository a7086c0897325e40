"""The Prefect server, on a PostgreSQL database, as a supervised process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

from netstacks_tasks.embedded import ports, prefect_program
from netstacks_tasks.embedded.environment import prefect_environment
from netstacks_tasks.embedded.prefect_key import ENCRYPTION_KEY
from netstacks_tasks.embedded.prefect_login import AUTH_STRING
from netstacks_tasks.embedded.processes import Program, SupervisedProcess
from netstacks_tasks.errors import ConfigurationError

WORKER_PREFETCH_SECONDS = 10
_SETTINGS = {
    # A run that waits for its turn looks again this often. Under the worker's
    # prefetch: a longer wait can starve it (PrefectHQ/prefect#19824).
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "5",
    # The slots' leases outlive a restart of the server; kept in memory, they
    # would be refused at their next renewal and end runs that are well.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
        "prefect.server.concurrency.lease_storage.filesystem"
    ),
    # After a restart the scheduler's first look comes this late.
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "15",
    # Should it stop while a run's log is deleted, the rest of the log goes too.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,orphans",
    "PREFECT_SERVER_UI_ENABLED": "true",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}


class PrefectServer:
    """A server of our own, on loopback."""

    def __init__(
        self,
        home: Path,
        *,
        database_url: str,
        auth_string: str,
        port: int,
        log: Path,
        encryption_key: str | None = None,
    ) -> None:
        """Describe it.

        Args:
            home: Prefect's home folder; made when missing.
            database_url: `postgresql://...`, a database that has `pg_trgm` or where
                its owner may make it.
            auth_string: what it asks its clients for.
            port: the port wanted; another one is chosen when it is taken.
            log: where it logs.
            encryption_key: of its blocks; None: it keeps one in its database, unless our
                environment has one.
        """
        self._home = home
        self._database_url = database_url
        self._auth_string = auth_string
        self._encryption_key = encryption_key or os.environ.get(ENCRYPTION_KEY)
        self._log = log
        self.port = ports.ChosenPort(port, port)
        self.process: SupervisedProcess | None = None

    @property
    def address(self) -> str:
        """The UI's address; the API's is under `/api`."""
        return f"http://{ports.LOOPBACK}:{self.port.number}"

    @property
    def api_url(self) -> str:
        return f"{self.address}/api"

    async def start(self) -> None:
        """Start it, migrate its database, wait until it serves.

        Raises:
            ConfigurationError: with the end of its log.
        """
        self._home.mkdir(parents=True, exist_ok=True)

        async def start(port: ports.ChosenPort) -> None:
            self.port = port
            process = SupervisedProcess(self._program())
            await process.start()
            self.process = process

        await ports.start_on(self.port.wanted, start)

    def _program(self) -> Program:
        return Program(
            name="The Prefect server",
            argv=[
                sys.executable, "-P", "-m", prefect_program.__name__, "server", "start",
                "--host", ports.LOOPBACK, "--port", str(self.port.number),
            ],
            env=prefect_environment(
                self._home,
                _SETTINGS
                | ({ENCRYPTION_KEY: self._encryption_key} if self._encryption_key else {})
                | {
                    "PREFECT_SERVER_DATABASE_CONNECTION_URL": asyncpg_url(self._database_url),
                    "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(self._home / "ui"),
                    "PREFECT_SERVER_API_AUTH_STRING": self._auth_string,
                    "PREFECT_API_URL": self.api_url,
                    AUTH_STRING: self._auth_string,
                    "PREFECT_UI_API_URL": self.api_url,
                },
            ),
            log=self._log,
            ready=lambda: is_serving(self.api_url),
            start_timeout=180,
            advice="Look for the first error in its log; `netstacks doctor` checks the rest.",
            cwd=self._home,
        )  # fmt: skip

    async def stop(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            await process.stop()


def asyncpg_url(url: str) -> str:
    """A libpq URL as SQLAlchemy and asyncpg want it.

    Raises:
        ConfigurationError: it has a parameter that asyncpg does not know.
    """
    parts = urlsplit(url)
    parameters = dict(parse_qsl(parts.query))
    if "sslmode" in parameters:
        parameters["ssl"] = parameters.pop("sslmode")
    unknown = sorted(set(parameters) - {"ssl"})
    if unknown:
        raise ConfigurationError(
            f"the Prefect server cannot use the parameter {unknown[0]!r} of its database's URL: "
            "set NETSTACKS_PREFECT_DATABASE_URL without it (sslmode is understood)"
        )
    return urlunsplit(parts._replace(scheme="postgresql+asyncpg", query=urlencode(parameters)))


async def is_serving(api_url: str) -> bool:
    """Whether a Prefect server answers there and reaches its database; asks without a login."""
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            return (await client.get(f"{api_url}/ready")).status_code == 200
    except httpx.HTTPError:
        return False
