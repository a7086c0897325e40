"""What may stand where a device's address belongs."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

_LABEL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", re.ASCII)
_DIGITS_AND_DOTS: Final = re.compile(r"[0-9.]+", re.ASCII)


def host_fault(host: str) -> str | None:
    """Why it is neither an IP address nor a host name; None when it is one."""
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        return None
    if not host:
        return "an IP address or a host name is needed"
    if _DIGITS_AND_DOTS.fullmatch(host):
        return f"{host[:60]!r} is not an IP address"
    name = host.removesuffix(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        return (
            f"{host[:60]!r} is neither an IP address nor a host name (no port, no user, "
            "no URL: only the host)"
        )
    return None
