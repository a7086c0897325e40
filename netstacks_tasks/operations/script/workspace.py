"""The private folder a script works in."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.guard import remove_tree

USER: Final = "script"
"""What a script's user is called, by itself."""

_PREFIX: Final = "netstacks-script-"
_LOCK: Final = "lock"
_OPEN_TO_ALL: Final = tuple(Path("/", name) for name in ("tmp", "var/tmp", "dev/shm"))


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder that only the script's user may enter; gone when the block ends."""

    outer: Path
    """Holds `folder` alone, and is not the script's: it cannot move its folder."""
    uid: int | None

    @property
    def accounts(self) -> dict[str, Path]:
        """The files of `/etc` as the script sees them: ssh refuses a user without a name."""
        return {f"/etc/{name}": self.outer / name for name in ("passwd", "group")}

    @property
    def folder(self) -> Path:
        return self.outer / "work"

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def devices(self) -> Path:
        return self.folder / "devices.json"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def results(self) -> Path:
        return self.folder / "results.jsonl"

    @property
    def credential(self) -> Path:
        return self.folder / "credential.json"

    @property
    def owner(self) -> int:
        """The user whose the script's files are."""
        return os.geteuid() if self.uid is None else self.uid

    def script(self, interpreter: str) -> Path:
        """Where the script's text is."""
        return self.folder / ("script.sh" if interpreter == "bash" else "script.py")

    def write(self, path: Path, text: str, mode: int = 0o400) -> None:
        """Make a file that nobody but the script's user can read.

        Raises:
            ConfigurationError: the disk is full.
        """
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                if self.uid is not None:
                    os.fchown(file.fileno(), self.uid, self.uid)
                file.write(text)
        except OSError as error:
            raise _unusable(error) from error


@contextmanager
def workspace(uid: int | None) -> Iterator[Workspace]:
    """A fresh workspace; `uid` is the script's user, None for this process's own.

    Raises:
        ConfigurationError: there is no room for one, or the script's user could
            not enter it.
    """
    base = _base(uid)
    remove_abandoned(base)
    try:
        made = Workspace(Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base)), uid)
    except OSError as error:
        raise _unusable(error) from error
    try:
        with _locked(made):
            _furnish(made)
            yield made
    finally:
        remove_tree(str(made.outer))
        if uid is not None:
            _remove_left_elsewhere(uid)


def _base(uid: int | None) -> Path:
    """Where the workspaces are: the temporary folder, if the script's user can pass it."""
    own = Path(tempfile.gettempdir())
    for base in (own, *_OPEN_TO_ALL):
        if uid is None or all(way.stat().st_mode & 0o001 for way in (base, *base.parents)):
            return base
    raise ConfigurationError(
        f"a script's unprivileged user cannot enter {own}, nor /tmp: set TMPDIR of the worker to "
        "a folder that others may pass through"
    )


@contextmanager
def _locked(made: Workspace) -> Iterator[None]:
    """Hold a lock as long as this process lives: it tells an abandoned workspace."""
    fresh = made.outer / f"{_LOCK}.new"
    with fresh.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # It has its name once it is held: nobody finds it free before.
        fresh.rename(made.outer / _LOCK)
        yield


def _remove_left_elsewhere(uid: int) -> None:
    """Remove what a script without walls left where everybody may write; `uid` was its own."""
    for base in _OPEN_TO_ALL:
        for entry in base.glob("*"):
            try:
                if entry.lstat().st_uid == uid:
                    remove_tree(str(entry))
            except OSError:
                continue  # it went meanwhile


def _furnish(made: Workspace) -> None:
    try:
        for part in (made.folder, made.artifacts, made.temporary):
            part.mkdir(mode=0o700)
            if made.uid is not None:
                os.chown(part, made.uid, made.uid)
        for name, path in made.accounts.items():
            path.write_text(_account(name, made))
            path.chmod(0o444)
        if made.uid is not None:
            made.outer.chmod(0o711)
    except OSError as error:
        raise _unusable(error) from error


def _account(file: str, made: Workspace) -> str:
    number = made.owner
    if file == "/etc/group":
        return f"root:x:0:\n{USER}:x:{os.getegid() if made.uid is None else number}:\n"
    return f"{USER}:x:{number}:{number}::{made.folder}:/bin/bash\nroot:x:0:0::/:/bin/false\n"


def _unusable(error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"the script's folder cannot be made in {tempfile.gettempdir()}: {error.strerror}; "
        "free space there, or set TMPDIR of the worker to another folder"
    )


def remove_abandoned(base: Path) -> None:
    """Remove the workspaces of processes that were killed before they could."""
    for lock in base.glob(f"{_PREFIX}*/{_LOCK}"):
        try:
            handle = os.open(lock, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        try:
            if os.fstat(handle).st_uid == os.geteuid():
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_tree(str(lock.parent))
        except OSError:
            continue  # its process lives
        finally:
            os.close(handle)
