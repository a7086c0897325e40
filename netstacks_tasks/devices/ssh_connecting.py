"""Begins an SSH connection over a TCP connection that there is, at the least cost.

asyncssh's own `connect` reads files and makes its options anew for each connection, in a thread of
its own: an eighth of what a short session takes.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Literal

import asyncssh

from netstacks_tasks.devices.filler_packets import without_fillers
from netstacks_tasks.devices.gathered_writes import GatheringProtocol
from netstacks_tasks.devices.session_logs import asking_first


async def connect(
    connected: socket.socket,
    options: asyncssh.SSHClientConnectionOptions,
    *,
    until: Literal["key", "login"] = "login",
) -> asyncssh.SSHClientConnection:
    """Check the other end's key and log in.

    Args:
        connected: over TCP; nothing was sent yet. Closed with the connection, or on failure.
        options: of this connection alone, its host and port among them.
        until: `key` goes no further than the other end's key: no name is told, nor anything else.

    Raises:
        asyncssh.Error: the other end has another key, or refused.
        OSError: the connection broke.
    """
    loop = asyncio.get_running_loop()
    options.waiter = loop.create_future()
    wait = {"key": "kex", "login": "auth"}[until]
    connection = asyncssh.SSHClientConnection(loop, options, wait=wait)
    without_fillers(connection)
    asking_first(connection)
    await loop.create_connection(lambda: GatheringProtocol(connection), sock=connected)
    connection.set_extra_info(host=options.host, port=options.port)
    try:
        await options.waiter
    except BaseException:
        connection.abort()
        await connection.wait_closed()
        raise
    return connection
