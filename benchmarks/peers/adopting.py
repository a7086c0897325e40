"""Runs a program and adopts what it leaves behind, so that its cost is counted too.

Ansible's connections are processes that leave their parent: who measures it by
what it waited for sees a part only. They are ended when the program is over.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

from benchmarks.own_cost import Meter

_SET_CHILD_SUBREAPER = 36


def main() -> None:
    # Whoever's parent ends becomes this process's child.
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    meter = Meter()
    status = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL)
    wall = meter.wall
    _end_adopted()
    meter.tell(wall)
    raise SystemExit(status)


def _end_adopted() -> None:
    """End and await every process that was left behind: its work is done."""
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    while children := own.read_text().split():
        for child in map(int, children):
            os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.wait()


if __name__ == "__main__":
    main()
