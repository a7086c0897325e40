"""Runs the stack from a terminal: starts it, works within it, stops it in order."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from netstacks_tasks.embedded.interruption import Interrupted, interruptible
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.errors import NetstacksError
from netstacks_tasks.settings import Settings

Say = Callable[[str], None]
Beside = Callable[[Stack], AbstractAsyncContextManager[Sequence[str]]]
"""Runs something within a stack's time; gives what to say of it."""


def run_within(
    settings: Settings, work: Callable[[Stack], Awaitable[None]], *, say: Say, complain: Say
) -> int:
    """Start the stack, do the work within it, stop the stack.

    Ctrl-C or SIGTERM stops everything in order, a second one at once.

    Args:
        settings: what to use and where to keep state.
        work: gets the running stack.
        say: told what happens.
        complain: told what went wrong.

    Returns:
        The exit code: 0, 1 when something failed, 128 + the signal's number.
    """
    stack = Stack(settings, say=say)

    async def everything() -> None:
        async with stack:
            await work(stack)

    try:
        asyncio.run(interruptible(everything(), again=stack.kill, say=say))
    except Interrupted as interrupted:
        return interrupted.exit_code
    except NetstacksError as error:
        complain(str(error))
        return 1
    return 0


def run_up(settings: Settings, *, beside: Beside, say: Say, complain: Say) -> int:
    """Start everything and stay up until Ctrl-C; that end is a good one.

    Args:
        settings: what to use and where to keep state.
        beside: what else runs as long as the stack does.
        say: told what happens.
        complain: told what went wrong.
    """

    async def work(stack: Stack) -> None:
        async with beside(stack) as said:
            await stay_up(stack, say, said)

    return up_exit_code(run_within(settings, work, say=say, complain=complain))


async def stay_up(stack: Stack, say: Say, first: Sequence[str] = ()) -> None:
    """Say where things are and wait to be interrupted.

    Args:
        stack: runs.
        say: told where its parts are.
        first: what else to say, before that.
    """
    for text in first:
        say(text)
    say(f"Prefect's page: {stack.ui_url}")
    if stack.login_file is not None:
        # Not the login itself: what `up` prints ends up in journals and recordings.
        say(f"It asks for a login: cat {shlex.quote(str(stack.login_file))}")
        say('For Prefect\'s own command, in another shell: eval "$(netstacks env)"')
    say(f"Logs: {stack.logs}")
    say("Everything is up. Press Ctrl-C to stop it.")
    await asyncio.Event().wait()


def up_exit_code(code: int) -> int:
    """Being interrupted is how `up` ends."""
    return 0 if code >= 128 else code
