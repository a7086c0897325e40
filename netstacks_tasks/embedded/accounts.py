"""The unprivileged account that PostgreSQL runs under when we are root."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from netstacks_tasks.errors import ConfigurationError

_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int

    def succeeds(self, command: Sequence[str | Path]) -> bool:
        """Whether a command run under this account ends well."""
        try:
            return run(command, account=self).returncode == 0
        except OSError:
            return False

    def can_enter(self, directory: Path) -> bool:
        return self.succeeds(["/bin/sh", "-c", 'cd -- "$1"', "sh", directory])

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)


def run(
    command: Sequence[str | Path],
    *,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, under an account when one is given.

    Its standard error is mixed into its standard output.
    """
    return subprocess.run(
        [str(word) for word in command],
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
        env=env,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def unprivileged_account() -> Account | None:
    """The account to change to; None when we are an ordinary user already.

    Raises:
        ConfigurationError: root, on a system that has no such account.
    """
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ConfigurationError(
        "PostgreSQL refuses to run as root and there is neither a user 'postgres' nor 'nobody': "
        "make one, or run as an ordinary user"
    )
