"""The two databases: NetStacks' own and the Prefect server's."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.embedded.private_files import write_private
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.settings import Settings

_PREFECT_EXTENSION = "pg_trgm"
_PASSWORDS = "passwords.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """Their URLs, passwords included."""

    netstacks: str = field(repr=False)
    prefect: str | None = field(repr=False)
    """None when the Prefect server is not ours."""


async def embedded_databases(postgres: EmbeddedPostgres, state_dir: Path) -> Databases:
    """Both, on the embedded PostgreSQL, each with a role of its own."""
    passwords = _passwords(state_dir / _PASSWORDS)
    return Databases(
        netstacks=await postgres.ensure_database(
            "netstacks", role="netstacks", password=passwords["netstacks"]
        ),
        prefect=await postgres.ensure_database(
            "prefect",
            role="prefect",
            password=passwords["prefect"],
            extensions=[_PREFECT_EXTENSION],
        ),
    )


async def given_databases(settings: Settings) -> Databases:
    """On the PostgreSQL that the settings name.

    Without a database of its own in the settings, our Prefect server gets one
    beside ours: `<our database>_prefect`, made when it is missing.

    Raises:
        ConfigurationError: one cannot be reached or made.
    """
    if settings.database_url is None:
        raise ConfigurationError("NETSTACKS_DATABASE_URL is not set")
    netstacks = settings.database_url.get_secret_value()
    await _reach(netstacks, "NETSTACKS_DATABASE_URL")
    if settings.prefect_api_url is not None:
        return Databases(netstacks=netstacks, prefect=None)
    if settings.prefect_database_url is not None:
        prefect = settings.prefect_database_url.get_secret_value()
        await _reach(prefect, "NETSTACKS_PREFECT_DATABASE_URL")
    else:
        prefect = await _beside(netstacks)
    await _add_extension(prefect)
    return Databases(netstacks=netstacks, prefect=prefect)


def _passwords(path: Path) -> dict[str, str]:
    """The roles' passwords: random, kept so that a noted URL stays right."""
    try:
        kept = json.loads(path.read_text())
        return {"netstacks": str(kept["netstacks"]), "prefect": str(kept["prefect"])}
    except (OSError, ValueError, KeyError, TypeError):
        made = {role: secrets.token_urlsafe(24) for role in ("netstacks", "prefect")}
        write_private(path, json.dumps(made))
        return made


async def _reach(url: str, variable: str) -> None:
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=10):
            return
    except psycopg.Error as error:
        raise ConfigurationError(
            f"cannot connect to the database of {variable}: {_first_line(error)}"
        ) from None


async def _beside(netstacks: str) -> str:
    parts = urlsplit(netstacks)
    name = f"{parts.path.lstrip('/') or 'netstacks'}_prefect"
    prefect = urlunsplit(parts._replace(path=f"/{name}"))
    try:
        async with await psycopg.AsyncConnection.connect(netstacks, autocommit=True) as connection:
            found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not await found.fetchone():
                await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.errors.DuplicateDatabase:
        return prefect  # another starter was faster
    except psycopg.Error as error:
        raise ConfigurationError(
            f"the Prefect server needs a database of its own and {name!r} could not be made "
            f"({_first_line(error)}): set NETSTACKS_PREFECT_DATABASE_URL to an empty one, or "
            "PREFECT_API_URL to a Prefect server that runs"
        ) from None
    return prefect


async def _add_extension(prefect: str) -> None:
    try:
        async with await psycopg.AsyncConnection.connect(prefect, autocommit=True) as connection:
            await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {_PREFECT_EXTENSION}")
    except psycopg.Error as error:
        raise ConfigurationError(
            f"the Prefect server's database needs the extension {_PREFECT_EXTENSION}, and it could "
            f"not be made ({_first_line(error)}): install PostgreSQL's contrib package there and "
            f"run CREATE EXTENSION {_PREFECT_EXTENSION} as its administrator"
        ) from None


def _first_line(error: psycopg.Error) -> str:
    """What the driver said; connection errors of psycopg hold no password."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
