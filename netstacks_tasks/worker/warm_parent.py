"""Imports everything that flow runs need, once, and forks a child for each of them.

    python -m netstacks_tasks.worker.warm_parent OUTPUT

Orders come on standard input, reports go to standard output (see `messages`),
and what children print goes to the descriptor OUTPUT and to standard error. It
has neither threads nor an event loop, sockets or connections when it forks: a
child gets nothing that somebody else goes on using. It ends when standard input
is closed and its last child is gone.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import sys
import threading

from netstacks_tasks import private_memory
from netstacks_tasks.models.schedule import timezones
from netstacks_tasks.worker import child, flow_modules
from netstacks_tasks.worker.messages import Order, Report

_CHUNK = 64 * 1024
_ORDERS, _REPORTS = 0, 1
_NEEDED = (
    "prefect.flow_engine",
    "prefect.main",
    "prefect._internal.metrics",
    "prefect.runner._hook_runner",
    # Imported by the first request, log line or websocket of a run otherwise.
    "anyio._backends._asyncio",
    "anyio.streams.tls",
    "encodings.idna",
    "pydantic.v1",
    "rich._emoji_codes",
    "websockets.asyncio.client",
)


class _Children:
    """Forks, and reaps."""

    def __init__(self, output: int, wake: tuple[int, int]) -> None:
        self._output = output
        self._wake = wake
        self._orders: dict[int, int] = {}
        """Process id -> the order it was started for."""

    def __bool__(self) -> bool:
        return bool(self._orders)

    def start(self, order: Order) -> None:
        """Fork a child; only the parent returns."""
        try:
            pid = os.fork()
        except OSError as error:
            _tell(Report(number=order.number, error=f"no process could be made: {error}"))
            return
        if pid == 0:
            for end in self._wake:
                os.close(end)
            child.become(order, self._output)
        # Both do it, so that neither has to wait for the other.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        self._orders[pid] = order.number
        _tell(Report(number=order.number, pid=pid))

    def reap(self) -> None:
        """Report every child that has ended; what it left of its group ends too."""
        while self._orders:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return
            # While it is a zombie its number cannot be somebody else's group.
            with contextlib.suppress(OSError):
                os.killpg(ended.si_pid, signal.SIGKILL)
            pid, status, used = os.wait4(ended.si_pid, 0)
            number = self._orders.pop(pid, None)
            if number is None:
                continue
            most = used.ru_maxrss // 1024 if sys.platform == "darwin" else used.ru_maxrss
            _tell(
                Report(
                    number=number,
                    status=os.waitstatus_to_exitcode(status),
                    cpu_seconds=round(used.ru_utime + used.ru_stime, 4),
                    memory_kib=most,
                )
            )


def main(output: int) -> None:
    """Serve until standard input is closed and the last child has ended."""
    private_memory.keep()
    for name in (*_NEEDED, *flow_modules.installed()):
        importlib.import_module(name)
    _import_collections()
    _build_models()
    timezones()  # every run checks its task's, and the list is read from six hundred files
    flow_modules.forget()
    if threading.active_count() != 1:
        raise RuntimeError(f"an import started threads: {threading.enumerate()}")
    # Neither moved nor looked at again: the children share its pages as they are.
    gc.collect()
    gc.freeze()
    wake = os.pipe()
    for end in wake:
        os.set_blocking(end, False)
    # Whoever tells everything to end means the runs, and the worker, who has us end.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake[1])
    _tell(Report(number=0, pid=os.getpid()))
    _serve(_Children(output, wake), wake[0])


def _serve(children: _Children, woken: int) -> None:
    waiting = bytearray()
    watched = [_ORDERS, woken]
    while _ORDERS in watched or children:
        ready, _, _ = select.select(watched, [], [])
        if woken in ready:
            os.read(woken, _CHUNK)
            children.reap()
        if _ORDERS in ready:
            read = os.read(_ORDERS, _CHUNK)
            if not read:
                watched.remove(_ORDERS)
            waiting += read
            *lines, waiting = waiting.split(b"\n")
            for line in lines:
                children.start(Order.model_validate_json(bytes(line)))


def _import_collections() -> None:
    # Every run that loads a block asks for them.
    from prefect._internal.plugins.collections import load_prefect_collections  # noqa: PLC0415

    load_prefect_collections()


def _build_models() -> None:
    """Prefect leaves many of its models to be completed by their first use."""
    from pydantic import BaseModel  # noqa: PLC0415

    waiting: list[type[BaseModel]] = [BaseModel]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        if model.__module__.startswith("prefect.") and not model.__pydantic_complete__:
            model.model_rebuild(raise_errors=False)


def _tell(report: Report) -> None:
    # The worker is gone: there is nobody to tell, and the children go on.
    with contextlib.suppress(BrokenPipeError):
        os.write(_REPORTS, report.line())


if __name__ == "__main__":
    main(int(sys.argv[1]))
