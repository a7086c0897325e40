"""How other commands find the stack that runs: a lock and a file in the state folder."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from netstacks_tasks.embedded.private_files import write_private
from netstacks_tasks.errors import ConfigurationError

_LOCK = "stack.lock"
_FILE = "connection.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where a running stack is reached."""

    database_url: str = field(repr=False)
    prefect_api_url: str
    prefect_auth_string: str | None = field(default=None, repr=False)
    """Of our own Prefect server; None: of another, whose login is the caller's."""
    work_pool: str
    pid: int
    page_url: str | None = None
    """Of the page and the API; None: they do not run."""


class StackLock:
    """Held by the one stack of a state folder; the system frees it when the holder ends."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / _LOCK
        self._number: int | None = None

    def take(self) -> None:
        """Take it.

        Raises:
            ConfigurationError: a stack that lives has it.
        """
        number = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(number)
            raise ConfigurationError(_already_running(self._path.parent)) from None
        self._number = number

    def release(self) -> None:
        if self._number is not None:
            os.close(self._number)
            self._number = None


def _already_running(state_dir: Path) -> str:
    running = _read(state_dir)
    known = f" (pid {running.pid}, Prefect at {running.prefect_api_url})" if running else ""
    return (
        f"a stack with its state in {state_dir} is running or starting already{known}: use it, "
        "stop it with Ctrl-C, or set NETSTACKS_STATE_DIR to another folder"
    )


def announce(state_dir: Path, connection: Connection) -> None:
    """Write the connection file; it holds passwords, so it is ours alone."""
    document = {
        "database_url": connection.database_url,
        "prefect_api_url": connection.prefect_api_url,
        "prefect_auth_string": connection.prefect_auth_string,
        "work_pool": connection.work_pool,
        "pid": connection.pid,
        "page_url": connection.page_url,
    }
    write_private(state_dir / _FILE, json.dumps(document))


def announce_page(state_dir: Path, url: str) -> None:
    """Add where the page is; the caller's stack has announced itself."""
    running = _read(state_dir)
    if running is not None:
        announce(state_dir, replace(running, page_url=url))


def withdraw(state_dir: Path) -> None:
    """Remove the connection file."""
    (state_dir / _FILE).unlink(missing_ok=True)


def running_stack(state_dir: Path) -> Connection | None:
    """The stack that runs on this state folder; None when none does.

    A file left by a killed stack does not count: its lock is free.
    """
    try:
        number = os.open(state_dir / _LOCK, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(state_dir)
    finally:
        os.close(number)
    return None


def _read(state_dir: Path) -> Connection | None:
    try:
        document = json.loads((state_dir / _FILE).read_text())
        return Connection(
            database_url=str(document["database_url"]),
            prefect_api_url=str(document["prefect_api_url"]),
            prefect_auth_string=document.get("prefect_auth_string"),
            work_pool=str(document.get("work_pool", "netstacks")),
            pid=int(document["pid"]),
            page_url=document.get("page_url"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
