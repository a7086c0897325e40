"""What a process that works on the database tells those who watch it."""

from __future__ import annotations

from netstacks_tasks.errors import ConfigurationError, StoreUnavailable
from netstacks_tasks.metrics.families import Families
from netstacks_tasks.metrics.listener import Exposed
from netstacks_tasks.metrics.readiness import Check, NotReady, Readiness
from netstacks_tasks.metrics.reading import Readings
from netstacks_tasks.metrics.sync_rounds import ROUNDS
from netstacks_tasks.store import migrate
from netstacks_tasks.store.database import Database


def exposed(db: Database, api_url: str | None) -> Exposed:
    """Its metrics, and whether what it needs serves.

    Args:
        db: what the numbers are read from.
        api_url: Prefect's API; None: it knows of none.
    """
    readings = Readings(db)
    checks = {"database": database_serves(db), "schema": schema_fits(db)}
    if api_url is not None:
        checks["prefect"] = prefect_serves(api_url)
    collectors = (Families(readings), ROUNDS)
    return Exposed(collectors, Readiness(checks), refresh=readings.refresh)


def database_serves(db: Database) -> Check:
    """PostgreSQL answers."""

    async def check() -> None:
        try:
            async with db.connection():
                pass  # it was tested when it was handed out
        except StoreUnavailable as error:
            raise NotReady("PostgreSQL does not answer") from error

    return check


def schema_fits(db: Database) -> Check:
    """The schema is the one that this program works with."""

    async def check() -> None:
        try:
            async with db.connection() as connection:
                await migrate.check(connection)
        except StoreUnavailable as error:
            raise NotReady("cannot be read: PostgreSQL does not answer") from error
        except ConfigurationError as error:
            raise NotReady(str(error)) from error  # names versions, and nothing else

    return check


def prefect_serves(api_url: str) -> Check:
    """Prefect answers, and takes the login of this process."""

    async def check() -> None:
        # Prefect takes seconds to import.
        from netstacks_tasks.sync.prefect_errors import (  # noqa: PLC0415
            PrefectLoginRefused,
            PrefectUnavailable,
            open_client,
            translated,
        )

        try:
            async with open_client(api_url) as client, translated("look whether it serves"):
                await client.api_version()
        except PrefectLoginRefused as error:
            raise NotReady(error.found) from error
        except PrefectUnavailable as error:
            raise NotReady("Prefect does not answer") from error

    return check
