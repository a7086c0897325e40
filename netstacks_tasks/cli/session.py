"""Runs a command's work and turns errors into messages and exit codes.

0 done; 1 it failed; 2 the input or the command was wrong and nothing was
written; 3 the database or Prefect cannot be reached.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import typer

from netstacks_tasks.cli.output import print_json, printable

if TYPE_CHECKING:
    from netstacks_tasks.errors import NetstacksError
    from netstacks_tasks.wiring import NetStacks

T = TypeVar("T")

FAILED, BAD_INPUT, UNREACHABLE = 1, 2, 3


def run(work: Callable[[NetStacks], Awaitable[T]], *, as_json: bool = False) -> T:
    """Do the work with an open `NetStacks`; a failure ends the command."""
    with complaints(as_json=as_json):
        return asyncio.run(_opened(work))


async def _opened(work: Callable[[NetStacks], Awaitable[T]]) -> T:
    from netstacks_tasks.wiring import NetStacks

    async with NetStacks.open() as netstacks:
        return await work(netstacks)


@contextmanager
def complaints(*, as_json: bool = False) -> Iterator[None]:
    """Inside it, an error of ours is told on standard error and ends the command."""
    from netstacks_tasks.errors import NetstacksError

    try:
        yield
    except NetstacksError as error:
        if os.environ.get("NETSTACKS_DEBUG"):
            raise
        code = _code(error)
        _tell(error, code, as_json=as_json)
        raise typer.Exit(code) from None


def _tell(error: NetstacksError, code: int, *, as_json: bool) -> None:
    from netstacks_tasks.errors import InvalidInput

    problems = (
        [
            {"field": problem.field, "message": problem.message, "location": problem.location}
            for problem in error.problems
        ]
        if isinstance(error, InvalidInput)
        else [{"field": "", "message": str(error), "location": ""}]
    )
    if as_json:
        print_json({"error": type(error).__name__, "code": code, "problems": problems}, error=True)
        return
    lines = map(str, error.problems) if isinstance(error, InvalidInput) else [str(error)]
    for line in lines:
        sys.stderr.write(f"netstacks: {printable(line)}\n")


def _code(error: NetstacksError) -> int:
    from netstacks_tasks.errors import InvalidInput, NotFound, StoreUnavailable

    if isinstance(error, InvalidInput | NotFound):
        return BAD_INPUT
    if isinstance(error, StoreUnavailable) or type(error).__name__ == "PrefectUnavailable":
        return UNREACHABLE
    return FAILED
