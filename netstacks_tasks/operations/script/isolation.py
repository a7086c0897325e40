"""As whom a script runs, and what it sees of the machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from netstacks_tasks import guard
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.operations.script.workspace import Workspace

SEARCH_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_FIRST_UID: Final = 61184
_LAST_UID: Final = 65519
"""The range that is kept for users made at run time, where no account lies."""

_TRIAL_SECONDS: Final = 10
_SEEN: Final = ("/usr", "/etc", "/opt", "/nix/store")
_SYSTEM: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Folders, or links into `/usr`."""
_NAME_SERVERS: Final = Path("/etc/resolv.conf")
_OWN: Final = ("--unshare-pid", "--unshare-ipc", "--unshare-uts")


def _walls() -> list[str]:
    """The arguments of bubblewrap: own processes, and of the machine no more than is needed."""
    found = ["--die-with-parent", "--new-session", *_OWN, "--dev", "/dev", "--proc", "/proc"]
    for name in _SEEN:
        found += ["--ro-bind-try", name, name]
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            found += ["--symlink", str(path.readlink()), name]
        else:
            found += ["--ro-bind-try", name, name]
    return found


def _outside(*, other_user: bool) -> list[str]:
    """The same, of what is needed and lies elsewhere.

    Args:
        other_user: it will not run as the worker's own user.
    """
    own = [name for name in _own_python() if not other_user or _open_to_all(Path(name))]
    found = []
    for name in (*own, str(_NAME_SERVERS.resolve())):
        if not name.startswith(tuple(f"{seen}/" for seen in _SEEN)):
            found += ["--ro-bind-try", name, name]
    return found


def _own_python() -> list[str]:
    """Where the worker's own Python and its packages are."""
    prefixes = {sys.prefix, sys.base_prefix} - {"/", "/usr"}
    return sorted({*prefixes, *(str(Path(one).resolve()) for one in prefixes)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What stands between a script and its machine."""

    uid: int | None
    """The user it runs as, no other process's; None: the worker's own."""
    bubblewrap: str | None
    """The program that hides the machine's processes and most of its files."""
    hidden: tuple[Path, ...] = ()
    """Folders and files of the worker's own, wherever they lie."""

    def wrapped(self, argv: Sequence[str], place: Workspace) -> list[str]:
        """The command that runs `argv` in a workspace."""
        if self.bubblewrap is None:
            return list(argv)
        folder, temporary = str(place.folder), str(place.temporary)
        named = [
            word for name, path in place.accounts.items() for word in ("--ro-bind", str(path), name)
        ]
        writable = ("--bind", temporary, "/tmp", "--bind", temporary, "/dev/shm")  # noqa: S108
        # The mounts that hold the others are memory, and may not be filled.
        closed = ("--remount-ro", "/dev", "--remount-ro", "/")
        bound = ("--bind", folder, folder, "--chdir", folder)
        return [
            self.bubblewrap,
            *_walls(),
            *writable,
            # Behind `/tmp`, where it may lie.
            *_outside(other_user=self.uid is not None),
            *_covered(self.hidden),
            *named,
            *bound,
            *closed,
            "--",
            *argv,
        ]

    def __str__(self) -> str:
        user = f"unprivileged user {self.uid}" if self.uid is not None else "the worker's own user"
        walls = (
            "bubblewrap: processes of its own, and of the machine programs and /etc, read-only"
            if self.bubblewrap is not None
            else "no bubblewrap here: it sees the machine's files and processes as its user does"
        )
        return f"{user}; {walls}"


def _covered(hidden: Sequence[Path]) -> list[str]:
    """The arguments that put nothing over what would be seen."""
    found = []
    for one in hidden:
        path = one.resolve()
        if not any(path.is_relative_to(seen) for seen in _SEEN):
            continue
        if path.is_dir():
            found += ["--tmpfs", str(path), "--remount-ro", str(path)]
        elif path.is_file():
            found += ["--ro-bind", os.devnull, str(path)]
    return found


def isolation_for(run_id: UUID, *, hidden: Sequence[Path] = ()) -> Isolation:
    """The strongest isolation this machine offers to a run's script.

    Args:
        run_id: chooses among the users that are free.
        hidden: folders and files that no script may see.
    """
    uid = _free_uid(run_id) if os.geteuid() == 0 else None
    bubblewrap = _working_bubblewrap(privileged=uid is not None)
    return Isolation(uid=uid, bubblewrap=bubblewrap, hidden=tuple(hidden))


def _free_uid(run_id: UUID) -> int:
    """A user that no process of this machine runs as."""
    taken = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            taken.add(entry.stat().st_uid)
        except OSError:
            continue
    span = _LAST_UID - _FIRST_UID + 1
    for step in range(span):
        uid = _FIRST_UID + (run_id.int + step) % span
        if uid not in taken:
            return uid
    raise ConfigurationError("no user is free to run a script as")


@cache
def _working_bubblewrap(*, privileged: bool) -> str | None:
    """Bubblewrap, when it is installed and the kernel lets it work."""
    program = shutil.which("bwrap", path=SEARCH_PATH)
    if program is None:
        return None
    plan: dict[str, object] = {
        "argv": [program, *_walls(), *_outside(other_user=privileged), "--", "/bin/true"],
        "signals": [["SIGTERM", 1.0]],
        "confined": True,
    }
    if privileged:
        plan |= {"uid": _LAST_UID, "gid": _LAST_UID}
    # As a script is started: a setuid bubblewrap would work only without a guard.
    with subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__, json.dumps(plan)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": SEARCH_PATH},
        cwd="/",
    ) as tried:
        try:
            return program if tried.wait(_TRIAL_SECONDS) == 0 else None
        except subprocess.TimeoutExpired:
            tried.kill()
            return None


def interpreter_for(name: str, isolation: Isolation) -> str:
    """The program that runs scripts of an interpreter.

    The worker's own Python, unless the script could not start it.

    Args:
        name: `python` or `bash`.
        isolation: what the script will see of the machine.

    Raises:
        ConfigurationError: this machine has none that the script could start.
    """
    wanted = ["bash"] if name == "bash" else ["python3", "python"]
    installed = [shutil.which(one, path=SEARCH_PATH) for one in wanted]
    own = [sys.executable] if name == "python" else []
    for program in (*own, *installed):
        if program is not None and _startable(Path(program).absolute(), isolation):
            return program
    raise ConfigurationError(
        f"this machine has no {name} that a script's user may start: install it in /usr/bin "
        "on the worker's machine"
    )


def is_own(program: str) -> bool:
    """Whether it is the worker's own Python, with the packages installed there."""
    return program == sys.executable


def _startable(program: Path, isolation: Isolation) -> bool:
    return isolation.uid is None or all(_open_to_all(way) for way in (program, program.resolve()))


def _open_to_all(path: Path) -> bool:
    try:
        return all(parent.stat().st_mode & 0o001 for parent in path.parents) and bool(
            path.stat().st_mode & 0o001
        )
    except OSError:
        return False
