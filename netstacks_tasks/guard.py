"""Runs one program so that nothing of it outlives whoever started it.

A file of the standard library alone, run as `python -I -S guard.py PLAN`. Its
standard input is a pipe from the starter: when that closes, however the starter
ended, the program is stopped. On Linux the guard also adopts every orphan the
program leaves, so that these end with it, and the program itself is told when
the guard dies.

PLAN is JSON, or `-`: then it is the first line of standard input, for a plan too
long for an argument. It holds `argv`, `signals` (pairs of a signal's name and the
seconds to wait after it; SIGKILL follows), and optionally `uid` and `gid` to run
it under, `env` (all it gets, instead of the guard's own), `cwd`, `limits`
(`RLIMIT_` names, each with its soft and its hard value), `output` (the descriptor
its standard output goes to), `confined` (true: neither it nor its children can
gain privileges, and nobody else runs as its `uid`) and `abandoned` (a folder that
is removed when the starter, the process of id `starter`, is gone at the end).
The first line of standard output is the program's pid. What the program prints
goes to the guard's standard error, unless `output` says otherwise.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_ORPHAN_GRACE_SECONDS = 3.0


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _confine(plan: dict[str, Any]) -> None:
    if plan.get("confined"):
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    for name, wanted in plan.get("limits", {}).items():
        number = getattr(resource, name)
        _, hard = resource.getrlimit(number)
        values = [value if hard == resource.RLIM_INFINITY else min(value, hard) for value in wanted]
        resource.setrlimit(number, (values[0], values[1]))


def _become(plan: dict[str, Any], guard_pid: int) -> NoReturn:
    """In the child: turn into the program."""
    try:
        os.setsid()
        if plan.get("uid") is not None:
            os.setgroups([])
            os.setgid(plan["gid"])
            os.setuid(plan["uid"])
        # After setuid, which clears it.
        _prctl(_PR_SET_PDEATHSIG, signal.Signals[plan["signals"][0][0]].value)
        if os.getppid() != guard_pid:
            os._exit(1)
        os.chdir(plan.get("cwd", "."))
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(plan.get("output", 2), 1)
        if "output" in plan:
            os.close(plan["output"])
        signal.set_wakeup_fd(-1)
        for number in (*_HANDLED, *_IGNORED_BY_PYTHON):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
        _confine(plan)
        os.execvpe(plan["argv"][0], plan["argv"], plan.get("env", os.environ))  # noqa: S606 - a list, no shell
    except OSError as error:
        os.write(2, f"cannot start {plan['argv'][0]}: {error}\n".encode())
    os._exit(127)


class _Guard:
    def __init__(self, child: int, alarm: int) -> None:
        self.child = child
        self.alarm = alarm  # readable after a signal arrived
        self.status: int | None = None
        self.asked_to_stop = False

    def watch(self, seconds: float | None, until: Callable[[], bool]) -> None:
        """Handle events until the condition holds or the time is over."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not until():
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            sources = [self.alarm] if self.asked_to_stop else [self.alarm, 0]
            readable, _, _ = select.select(sources, [], [], left)
            if self.alarm in readable and signal.SIGTERM in os.read(self.alarm, 64):
                self.asked_to_stop = True
            if 0 in readable and not os.read(0, 64):
                self.asked_to_stop = True
            self._reap()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.child:
                self.status = os.waitstatus_to_exitcode(status)

    def ended(self) -> bool:
        return self.status is not None

    def stop(self, signals: list[tuple[str, float]]) -> None:
        for name, seconds in [*signals, ("SIGKILL", 10.0)]:
            if self.ended():
                return
            os.kill(self.child, signal.Signals[name])
            self.watch(seconds, self.ended)

    def clear_orphans(self, grace: float, uid: int | None) -> None:
        """End what the program left behind: politely first, then for certain.

        Args:
            grace: seconds between the two, three at most.
            uid: a user that nobody else's processes run as.
        """
        polite = min(grace, _ORPHAN_GRACE_SECONDS)
        for number, seconds in ((signal.SIGTERM, polite), (signal.SIGKILL, 10.0)):
            deadline = time.monotonic() + seconds
            told: set[int] = set()
            while (orphans := self._orphans()) and time.monotonic() < deadline:
                for pid in orphans - told:
                    _send(pid, number)
                told |= orphans
                self.watch(0.05, lambda: False)
        if uid is not None:
            _kill_all_of(uid)
        if sys.platform != "linux":
            _send(-self.child, signal.SIGKILL)

    def _orphans(self) -> set[int]:
        self._reap()
        try:
            listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        except OSError:
            return _children_by_scan()
        return {int(pid) for pid in listed.split()}


def _children_by_scan() -> set[int]:
    """For kernels that do not list a process's children."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            found.add(int(entry.parent.name))
    return found


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _kill_all_of(uid: int) -> None:
    """SIGKILL to every process of a user at once, which no fork can outrun."""
    child = os.fork()
    if child == 0:
        try:
            os.setgid(uid)
            os.setuid(uid)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def remove_tree(folder: str) -> None:
    """Remove a folder, whatever its owner made of it: any depth, any permissions."""
    # Python's own removal keeps a descriptor and a stack frame for each level.
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if os.geteuid() != 0:
        subprocess.run(["chmod", "-R", "u+rwX", "--", folder], check=False, **quiet)
    subprocess.run(["rm", "-rf", "--one-file-system", "--", folder], check=False, **quiet)


def _first_line() -> str:
    """The plan; nothing behind it is read."""
    found = b""
    while not found.endswith(b"\n") and (chunk := os.read(0, 65536)):
        found += chunk
    return found.decode()


def main() -> int:
    """Run the program of the plan; its exit code, or 128 + the signal it died of."""
    # Its environment is the program's; no program may leave its memory in a file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(_PR_SET_DUMPABLE, 0)
    plan = json.loads(_first_line() if sys.argv[1] == "-" else sys.argv[1])
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    alarm, ring = os.pipe()
    for end in (alarm, ring):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(ring)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guard_pid = os.getpid()
    # A signal that comes before the child is the program waits until it is.
    signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
    child = os.fork()
    if child == 0:
        _become(plan, guard_pid)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
    os.write(1, f"{child}\n".encode())
    os.dup2(2, 1)
    guard = _Guard(child, alarm)
    guard.watch(None, lambda: guard.ended() or guard.asked_to_stop)
    guard.stop(plan["signals"])
    guard.clear_orphans(plan["signals"][-1][1], plan.get("uid") if plan.get("confined") else None)
    if "abandoned" in plan and os.getppid() != plan["starter"]:
        remove_tree(plan["abandoned"])
    status = guard.status if guard.status is not None else 1
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
