"""The database of the Prefect server, where we know it: it needs an extension."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

from netstacks_tasks.cli.checks.finding import Finding, fail, ok, warn
from netstacks_tasks.embedded.connection import running_stack
from netstacks_tasks.settings import Settings

_SUBJECT: Final = "Prefect's database"
_EXTENSION: Final = "pg_trgm"
_SECONDS: Final = 10


async def prefect_database(settings: Settings) -> Finding | None:
    """Whether it has the extension; None when only the Prefect server knows where it is."""
    url = _url(settings)
    if url is None:
        return None
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=_SECONDS) as session:
            cursor = await session.execute(
                "SELECT 1 FROM pg_extension WHERE extname = %s", [_EXTENSION]
            )
            found = await cursor.fetchone()
    except psycopg.Error as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        return warn(_SUBJECT, first, "is NETSTACKS_PREFECT_DATABASE_URL right?")
    if found is None:
        return fail(
            _SUBJECT,
            f"the extension {_EXTENSION} is missing: the Prefect server will not start",
            f"install PostgreSQL's contrib package and run CREATE EXTENSION {_EXTENSION} there",
        )
    return ok(_SUBJECT, f"has {_EXTENSION}")


def _url(settings: Settings) -> str | None:
    if settings.prefect_database_url is not None:
        return settings.prefect_database_url.get_secret_value()
    running = running_stack(settings.state_dir)
    if running is None or settings.database_url is not None or settings.prefect_api_url is not None:
        return None
    try:
        passwords = json.loads((settings.state_dir / "passwords.json").read_text(encoding="utf-8"))
        password = quote(str(passwords["prefect"]), safe="")
    except (OSError, ValueError, KeyError, TypeError):
        return None
    parts = urlsplit(running.database_url)
    place = f"prefect:{password}@{parts.hostname}:{parts.port}"
    return urlunsplit(parts._replace(netloc=place, path="/prefect"))
