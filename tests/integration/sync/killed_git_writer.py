"""Writes a repository in processes that are killed at one file operation after another.

Started as `python -m ... DATABASE_URL FOLDER`; prints how many were killed before
one could finish.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from netstacks_tasks.store.database import Database
from netstacks_tasks.sync.config_git import round as one_round
from netstacks_tasks.sync.config_git.writer import ConfigGit

_TOUCHES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.utime", "shutil.rmtree"}


async def _write(url: str, folder: Path) -> None:
    async with Database.open(url, migrate=False) as db:
        await ConfigGit(db, folder, redacted=True).catch_up()


def _killed_at(number: int, url: str, folder: Path) -> bool:
    """Whether a writer touches the disk so many times; it is dead then."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
        return os.WIFSIGNALED(status)
    left = number

    def touched(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _TOUCHES and str(arguments[0]).startswith(str(folder.parent)):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(touched)
    asyncio.run(_write(url, folder))
    os._exit(0)


def main(url: str, folder: Path) -> None:
    # Many small steps, each of them a place to be killed at.
    one_round._TOGETHER = one_round._PAGE = 2  # type: ignore[misc]  # final for everybody else
    killed = 0
    number = 3
    while _killed_at(number, url, folder):
        killed += 1
        number += 1 if number < 12 else 7
        if (folder / "HEAD").exists():
            subprocess.run(["git", "--git-dir", folder, "fsck", "--strict"], check=True)
    print(killed)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
