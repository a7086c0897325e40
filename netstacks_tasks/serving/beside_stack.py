"""The page and the API in the process of a stack on this machine."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from pydantic import SecretStr

from netstacks_tasks.access.first_admin import NAME, first_admin
from netstacks_tasks.access.terminal import terminal_actor
from netstacks_tasks.embedded.connection import announce_page
from netstacks_tasks.embedded.stack import Stack
from netstacks_tasks.errors import ConfigurationError, NetstacksError
from netstacks_tasks.serving.server import serving
from netstacks_tasks.settings import Settings
from netstacks_tasks.store.acting import acting_as
from netstacks_tasks.store.database import Database


@asynccontextmanager
async def page_beside(
    stack: Stack, *, complain: Callable[[str], None]
) -> AsyncIterator[Sequence[str]]:
    """Serve them inside the context; gives what to tell the person who started the stack.

    Tasks run whether anybody can look at them or not: what keeps the page from
    starting is told, and the stack goes on without it.
    """
    async with AsyncExitStack() as exits:
        try:
            said = await _start(stack, exits)
        except NetstacksError as error:
            complain(f"The page does not run, everything else does: {error}")
            said = ()
        yield said


async def _start(stack: Stack, exits: AsyncExitStack) -> Sequence[str]:
    settings = stack.settings.model_copy(
        update={
            "database_url": SecretStr(stack.database_url),
            "prefect_api_url": stack.api_url,
        }
    )
    async with Database.open(stack.database_url, migrate=False) as db:
        try:
            with acting_as(terminal_actor()):
                password = await first_admin(db, stack.state_dir)
        except OSError as error:
            raise ConfigurationError(
                f"the first password cannot be kept in {stack.state_dir} ({error.strerror}): make "
                "an administrator with `netstacks user add`, and start again"
            ) from error
    url = await exits.enter_async_context(serving(settings, or_any_port=True))
    announce_page(stack.state_dir, url)
    said = [f"The page: {url}/{_because(settings, url)}"]
    if password is not None:
        # Not the password itself: what `up` prints ends up in journals and recordings.
        said.append(f"Sign in as {NAME}: cat {shlex.quote(str(password))}")
    return said


def _because(settings: Settings, url: str) -> str:
    port = urlsplit(url).port
    if settings.web_port in {0, port}:
        return ""
    return f" (port {settings.web_port} is taken; using {port})"
