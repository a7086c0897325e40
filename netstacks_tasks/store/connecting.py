"""Connections to PostgreSQL, and its errors as ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from netstacks_tasks.errors import ConfigurationError, InvalidInput, StoreUnavailable

CONNECT_SECONDS: Final = 5
_ANSWERS: Final = (
    "Connection refused",
    "Connection reset",
    "closed the connection unexpectedly",
    "terminating connection",
    "the database system is ",
)
"""Of a machine whose server is gone, goes or comes; the driver has no other sign of it."""

# A peer that vanished without a word is noticed within half a minute by either
# side: the server then frees what the session held, locks above all.
_LIVENESS: Final[dict[str, str | int]] = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
    "options": (
        "-c timezone=UTC -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5"
        " -c tcp_keepalives_count=3 -c tcp_user_timeout=25000"
    ),
}


def parameters(url: str) -> dict[str, str | int]:
    """What to connect with, from a `postgresql://` URL.

    Raises:
        ConfigurationError: it is not one; its text is not repeated, it may
            hold a password.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise ConfigurationError(
            "the database URL is not one of PostgreSQL: write it as "
            "postgresql://user:password@host:port/database"
        )
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        # The driver quotes the part it stumbled over.
        raise ConfigurationError(
            "the database URL cannot be read: write it as "
            "postgresql://user:password@host:port/database, with special characters in "
            "the password percent-encoded"
        ) from None
    wanted: dict[str, str | int] = {"connect_timeout": CONNECT_SECONDS, **_LIVENESS}
    for name, value in given.items():
        if value is None:
            continue
        wanted[name] = f"{wanted[name]} {value}" if name == "options" else str(value)
    return wanted


async def connect(url: str, *, name: str) -> AsyncConnection[TupleRow]:
    """One connection of its own, in autocommit mode.

    Args:
        url: where to.
        name: shown as `application_name` in `pg_stat_activity`.

    Raises:
        ConfigurationError: the URL is not one.
        StoreUnavailable: no connection.
    """
    wanted = parameters(url) | {"application_name": name[:63]}
    opening = asyncio.ensure_future(
        AsyncConnection.connect(autocommit=True, **wanted)  # type: ignore[arg-type]  # only strings and numbers
    )
    with store_errors():
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # Cut off in the middle the driver would leave it open.
            opening.add_done_callback(_close)
            raise


def _close(opened: asyncio.Future[AsyncConnection[TupleRow]]) -> None:
    """Close a connection that nobody waits for any more."""
    if not opened.cancelled() and opened.exception() is None:
        opened.result().pgconn.finish()


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn the driver's errors into ours; those that are bugs pass through."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StoreUnavailable(f"PostgreSQL does not serve: {first_line(error)}") from error
    except psycopg.errors.UndefinedTable as error:
        # The schema was looked at when the database was opened.
        raise StoreUnavailable(
            f"PostgreSQL has lost our tables, or a backup is being put back: {first_line(error)}"
        ) from error
    except psycopg.DataError as error:
        raise InvalidInput.single("", f"PostgreSQL refuses a value: {first_line(error)}") from error
    except UnicodeEncodeError as error:
        message = "a text holds half a character (a lone surrogate), which cannot be stored"
        raise InvalidInput.single("", message) from error


def first_line(error: BaseException) -> str:
    """What the driver said, short; its connection errors hold no password."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def answered(error: StoreUnavailable) -> bool:
    """Whether the server's machine said that the server is not there, or ends.

    Nobody holds a lock in it then. Silence, and a network that is not there, tell
    nothing: the server may serve others.
    """
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error) or isinstance(cause, psycopg.errors.ConnectionTimeout):
        return False
    return cause.sqlstate is not None or any(words in str(cause) for words in _ANSWERS)
