"""Runs a command's work on an open `NetStacks`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from netstacks_tasks.wiring import NetStacks

T = TypeVar("T")


def run(work: Callable[[NetStacks], Awaitable[T]]) -> T:
    """Do the work; raises what it raises."""
    return asyncio.run(_opened(work))


async def _opened(work: Callable[[NetStacks], Awaitable[T]]) -> T:
    from netstacks_tasks.wiring import NetStacks

    async with NetStacks.open() as netstacks:
        return await work(netstacks)


def log_to_stderr(level: str) -> None:
    """Show what long work logs; the libraries' chatter only when debugging."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if level != "DEBUG":
        logging.getLogger("httpx").setLevel("WARNING")


def keep_quiet() -> None:
    """A short command says what is to be said itself."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())
