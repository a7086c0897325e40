"""Where the page and the API listen, and who may reach them there."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Sequence
from typing import Final

from netstacks_tasks.errors import ConfigurationError, InvalidInput, Problem
from netstacks_tasks.settings import Settings

_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]", "::1")


def is_loopback(host: str) -> bool:
    """Whether nothing beyond this machine reaches the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def hosts_of(settings: Settings) -> Sequence[str]:
    """What requests may call this server; beyond loopback that is not for us to know."""
    if is_loopback(settings.web_host) and settings.web_proxy is None:
        return [*_LOOPBACK_NAMES, settings.web_host]
    return ["*"]


def check_reach(settings: Settings) -> None:
    """Refuse what would send passwords over a network in the clear.

    Raises:
        InvalidInput: names the setting.
    """
    problems = []
    if (settings.web_certificate is None) != (settings.web_key is None):
        problems.append(
            Problem(
                field="NETSTACKS_WEB_KEY",
                message="belongs to NETSTACKS_WEB_CERTIFICATE: set both or neither",
            )
        )
    secured = settings.web_certificate is not None or settings.web_proxy is not None
    if not is_loopback(settings.web_host) and not secured:
        problems.append(
            Problem(
                field="NETSTACKS_WEB_HOST",
                message=f"{settings.web_host} is reached from other machines, and passwords would "
                "cross the network in the clear: set NETSTACKS_WEB_CERTIFICATE and "
                "NETSTACKS_WEB_KEY, or NETSTACKS_WEB_PROXY when a proxy in front speaks TLS",
            )
        )
    if problems:
        raise InvalidInput(problems)


def listen(host: str, port: int, *, or_any_port: bool = False) -> socket.socket:
    """A socket that listens there; port 0 means any free one.

    Args:
        host: an address of this machine, or its name.
        port: what is wanted.
        or_any_port: take another one when that is taken.

    Raises:
        ConfigurationError: it cannot be had.
    """
    try:
        return _listen(host, port)
    except OSError as error:
        if or_any_port and error.errno in {errno.EADDRINUSE, errno.EACCES}:
            return listen(host, 0)
        raise ConfigurationError(
            f"cannot listen on {host} port {port} ({error.strerror}): set NETSTACKS_WEB_HOST and "
            "NETSTACKS_WEB_PORT to an address of this machine and a free port"
        ) from error


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, where = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(where)
        opened.listen(128)
    except OSError:
        opened.close()
        raise
    return opened
