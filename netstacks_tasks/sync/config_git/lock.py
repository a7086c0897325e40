"""One writer of a repository at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.sync.config_git.repository import storage_errors


class RepositoryBusy(NetstacksError):
    """Another process writes the repository just now."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock; it is gone with the process, however that ends.

    It lies beside the repository, whose folder may be exchanged for a new one.

    Raises:
        RepositoryBusy: somebody else holds it.
        ConfigurationError: it cannot be made.
    """
    with storage_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder.parent / f".{folder.name}.lock"
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RepositoryBusy(
                f"another process writes {folder} just now: try again when it is done"
            ) from None
        yield
    finally:
        os.close(number)
