"""Leaves out the empty packet that asyncssh puts before each of its own.

It hides where a block begins, which ciphers in CBC mode need (RFC 4253, 9.3.1) and others do not:
OpenSSH sends none. Half of what a session sends would be nothing else.
"""

from __future__ import annotations

from typing import Any, Final

_IGNORE: Final = 2
"""SSH_MSG_IGNORE."""


def without_fillers(connection: Any) -> None:  # noqa: ANN401 - asyncssh's client's and server's
    """Have the asyncssh connection send none, unless its cipher needs them.

    Args:
        connection: one that has not negotiated a cipher yet.
    """
    send = connection.send_packet

    def send_packet(kind: int, *parts: bytes, **options: Any) -> None:  # noqa: ANN401
        if kind != _IGNORE or connection.get_extra_info("send_cipher").endswith("-cbc"):
            send(kind, *parts, **options)

    connection.send_packet = send_packet
