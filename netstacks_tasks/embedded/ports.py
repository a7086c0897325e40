"""Free TCP ports on loopback."""

from __future__ import annotations

import errno
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from netstacks_tasks.errors import ConfigurationError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ChosenPort:
    """A port to listen on, and the one that was wanted."""

    number: int
    wanted: int

    @property
    def notice(self) -> str:
        """What to tell a person; empty when the wanted port was free."""
        if self.wanted in (0, self.number):
            return ""
        return f"port {self.wanted} is taken; using {self.number}"


def is_free(port: int) -> bool:
    """Whether this process could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of an earlier server that still linger are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def choose(wanted: int) -> ChosenPort:
    """The wanted port when it is free, else any free one; 0 wants none in particular."""
    if wanted and is_free(wanted):
        return ChosenPort(wanted, wanted)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return ChosenPort(int(probe.getsockname()[1]), wanted)


async def start_on(wanted: int, start: Callable[[ChosenPort], Awaitable[None]]) -> ChosenPort:
    """Start a server on the wanted port or another; again when someone else took it meanwhile.

    Raises:
        ConfigurationError: what `start` raised, for any other reason.
    """
    for _ in range(3):
        port = choose(wanted)
        try:
            await start(port)
        except ConfigurationError:
            if is_free(port.number):
                raise
        else:
            return port
    raise ConfigurationError(
        "other programs took every port that was chosen on 127.0.0.1: set NETSTACKS_POSTGRES_PORT "
        "and NETSTACKS_PREFECT_PORT to free ones"
    )
