"""A real PostgreSQL on loopback, from a wheel, with its data in a folder of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from netstacks_tasks.embedded import cluster, ports
from netstacks_tasks.embedded.cluster import SUPERUSER, Cluster
from netstacks_tasks.embedded.processes import Program, SupervisedProcess
from netstacks_tasks.errors import ConfigurationError


class EmbeddedPostgres:
    """One cluster: made on first use, kept between starts.

    It listens on loopback TCP only (a Unix socket's path may have 107 bytes,
    a folder's name may be longer) and asks everyone for a password.
    """

    def __init__(
        self, directory: Path, *, port: int = 0, log: Path | None = None, durable: bool = True
    ) -> None:
        """Name the cluster's place.

        Args:
            directory: made when missing; holds the data, the administrator's
                password and, when one is needed, a copy of the programs.
            port: the port wanted; another one is chosen when it is taken.
            log: where the server writes its log.
            durable: False for throw-away clusters: no waiting for the disk.
        """
        self.directory = directory
        self.port = ports.ChosenPort(port, port)
        self.log = log or directory / "postgres.log"
        self._durable = durable
        self._cluster: Cluster | None = None
        self.process: SupervisedProcess | None = None
        """The running server."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the server and wait until it takes connections.

        Raises:
            ConfigurationError: with the reason and the end of its log.
        """
        made = await asyncio.to_thread(cluster.prepare, self.directory, durable=self._durable)
        self._cluster = made

        async def start(port: ports.ChosenPort) -> None:
            self.port = port
            process = SupervisedProcess(self._program(made))
            await process.start()
            self.process = process

        await ports.start_on(self.port.wanted, start)

    async def stop(self) -> None:
        """Stop it: first orderly, then at once; the data is safe either way."""
        process, self.process = self.process, None
        if process is not None:
            await process.stop()

    def url(
        self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None
    ) -> str:
        """A connection URL with its password; the administrator's unless told."""
        if password is None:
            if self._cluster is None:
                raise ConfigurationError("the embedded PostgreSQL was never started")
            password = self._cluster.password
        secret = quote(password, safe="")
        return f"postgresql://{user}:{secret}@{ports.LOOPBACK}:{self.port.number}/{database}"

    async def ensure_database(
        self, name: str, *, role: str, password: str, extensions: Sequence[str] = ()
    ) -> str:
        """Make the role, its database and the extensions where missing; the role's URL."""
        async with await psycopg.AsyncConnection.connect(self.url(), autocommit=True) as admin:
            found = await admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            verb = sql.SQL("ALTER" if await found.fetchone() else "CREATE")
            await admin.execute(
                sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                    verb, sql.Identifier(role), sql.Literal(password)
                )
            )
            found = await admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not await found.fetchone():
                await admin.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(name), sql.Identifier(role)
                    )
                )
        async with await psycopg.AsyncConnection.connect(self.url(name), autocommit=True) as inside:
            for extension in extensions:
                await inside.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
                )
        return self.url(name, user=role, password=password)

    def _program(self, made: Cluster) -> Program:
        switch = "on" if self._durable else "off"
        options = {
            "listen_addresses": ports.LOOPBACK,
            "port": str(self.port.number),
            "unix_socket_directories": "",
            "password_encryption": "scram-sha-256",
            "max_connections": "300",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            "fsync": switch,
            "synchronous_commit": switch,
            "full_page_writes": switch,
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="PostgreSQL",
            argv=[str(made.programs / "postgres"), "-D", str(made.data), *settings],
            env=cluster.environment(),
            log=self.log,
            ready=self._answers,
            # Recovery after a crash replays what was written since the last checkpoint.
            start_timeout=300,
            advice="Check the free space, and that no other PostgreSQL uses this folder.",
            # Fast: ends the sessions. Immediate: leaves recovery to the next start.
            stop_signals=(("SIGINT", 15.0), ("SIGQUIT", 5.0)),
            cwd=Path("/"),
            account=made.account,
        )

    async def _answers(self) -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(self.url(), connect_timeout=5):
                return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ConfigurationError(
                    f"port {self.port.number} is answered by another PostgreSQL, or "
                    f"{self.directory}/admin-password is not what its data was made with"
                ) from None
            return False
