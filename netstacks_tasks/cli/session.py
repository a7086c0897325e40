"""Runs a command's work on an open `NetStacks`."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from netstacks_tasks.wiring import NetStacks

T = TypeVar("T")


def run(work: Callable[[NetStacks], Awaitable[T]]) -> T:
    """Do the work; raises what it raises."""
    import asyncio

    return asyncio.run(_opened(work))


async def _opened(work: Callable[[NetStacks], Awaitable[T]]) -> T:
    from netstacks_tasks.access.terminal import terminal_actor
    from netstacks_tasks.store.acting import acting_as
    from netstacks_tasks.wiring import NetStacks

    async with NetStacks.open() as netstacks:
        with acting_as(terminal_actor()):
            return await work(netstacks)


class _Shown(logging.StreamHandler[TextIO]):
    """What long work logs, on standard error."""


def log_to_stderr(level: str, log_format: str = "text") -> None:
    """Show what is logged from this level on; the first one called decides."""
    root = logging.getLogger()
    if any(isinstance(handler, _Shown) for handler in root.handlers):
        return
    from netstacks_tasks.models.printable import PrintableLog

    shown = _Shown()
    if log_format == "json":
        from netstacks_tasks.json_lines import JsonLines

        shown.setFormatter(JsonLines())
    else:
        shown.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    shown.addFilter(PrintableLog(indent="  "))
    root.addHandler(shown)
    root.setLevel(level)
    # At DEBUG it tells every frame it sends, the login of Prefect among them.
    logging.getLogger("websockets").setLevel("INFO")
    if level != "DEBUG":
        # These tell every request, and every start.
        for name in ("httpx", "uvicorn"):
            logging.getLogger(name).setLevel("WARNING")


def keep_quiet() -> None:
    """A short command says what is to be said itself."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())
