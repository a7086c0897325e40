"""Begins an SSH connection over a TCP connection that there is, at the least cost.

asyncssh's own `connect` reads files and makes its options anew for each connection, in a thread of
its own: an eighth of what a short session takes.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import asyncssh

from netstacks_tasks.devices.gathered_writes import GatheringProtocol


async def connect(
    connected: socket.socket,
    options: asyncssh.SSHClientConnectionOptions,
    prepare: Callable[[asyncssh.SSHClientConnection], None],
) -> asyncssh.SSHClientConnection:
    """Check the other end's key and log in.

    Args:
        connected: over TCP; nothing was sent yet. Closed with the connection, or on failure.
        options: of this connection alone, its host and port among them.
        prepare: called with the connection before anything is sent.

    Raises:
        asyncssh.Error: the other end has another key, or refused.
        OSError: the connection broke.
    """
    loop = asyncio.get_running_loop()
    options.waiter = loop.create_future()
    connection = asyncssh.SSHClientConnection(loop, options, wait="auth")
    prepare(connection)
    await loop.create_connection(lambda: GatheringProtocol(connection), sock=connected)
    connection.set_extra_info(host=options.host, port=options.port)
    try:
        await options.waiter
    except BaseException:
        connection.abort()
        await connection.wait_closed()
        raise
    return connection
